/** The home of a local stack (the folder of its data), and the file there with the addresses of the running stack. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from './user-error.ts';

/** Exists in the home while the stack runs. Only its owner can read it, because it holds a manager's token. */
export const STACK_FILE = 'stack.json';
const SQLITE = 'sqlite:';

export interface RunningStack {
  /** URL of the HTTP API. */
  api: string;
  /** URL of Lambda's Invoke API. */
  lambda: string;
  /** URL of S3, SQS and SNS. */
  services: string;
  /** The name of the bucket with the snapshot and the markers of unfinished work. */
  snapshotBucket: string;
  /** The name of the db-proxy function. */
  dbProxy: string;
  /** A manager's token. */
  token: string;
}

/** The folder that COLLECT_HOME names, `.local` by default. */
export function homeFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return path.resolve(environment['COLLECT_HOME'] || '.local');
}

/**
 * The database of a stack: DATABASE_URL, or by default a file in its home. A file's path becomes absolute, because each
 * function runs in its own folder.
 */
export function databaseUrlFor(environment: NodeJS.ProcessEnv, home: string): string {
  const given = environment['DATABASE_URL'] || `${SQLITE}${path.join(home, 'collect.sqlite')}`;
  return given.startsWith(SQLITE) ? SQLITE + path.resolve(given.slice(SQLITE.length)) : given;
}

/** @returns undefined when no stack runs in this home */
export function findRunningStack(home: string): RunningStack | undefined {
  try {
    return JSON.parse(readFileSync(path.join(home, STACK_FILE), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @throws {UserError} when no stack runs in the home that COLLECT_HOME names */
export function readRunningStack(): RunningStack {
  const running = findRunningStack(homeFolder());
  if (running !== undefined) return running;
  throw new UserError('No stack is running here: start one with npm start, or name a deployed one.');
}
