/** Where a stack that runs on this machine can be reached: it leaves word in its home. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the home, while the stack runs, for its owner only: it holds a manager's token. */
export const STACK_FILE = 'stack.json';

export interface RunningStack {
  /** URL of the HTTP API. */
  api: string;
  /** URL of Lambda's Invoke API. */
  lambda: string;
  /** URL of S3, SQS and SNS. */
  services: string;
  /** The name of the bucket that holds the snapshot and what is owed. */
  snapshotBucket: string;
  /** The name of the db-proxy function. */
  dbProxy: string;
  /** A manager's. */
  token: string;
}

/** Of the home that COLLECT_HOME names. @throws {Error} when no stack runs there */
export function readRunningStack(): RunningStack {
  try {
    return JSON.parse(readFileSync(join(process.env['COLLECT_HOME'] ?? '.local', STACK_FILE), 'utf8'));
  } catch {
    throw new Error('No stack is running here: start one with npm start, or name the one that you mean.');
  }
}
