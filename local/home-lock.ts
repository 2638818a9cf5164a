import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STACK_FILE, findRunningStack } from './running-stack.ts';
import { UserError } from './user-error.ts';

const SQLITE_BUSY = 5;

/**
 * Locks a home, which is the folder of a local stack: two stacks in the same home would delete each other's bundles and
 * share queues. The lock is SQLite's file lock, which the operating system releases when the process ends or is killed.
 *
 * @returns a function that unlocks the home
 * @throws {UserError} when another stack uses the home
 */
export function lockHome(home: string): () => void {
  const lock = new DatabaseSync(join(home, 'lock.sqlite'));
  try {
    // After the commit a second start can read the process id. The second transaction holds the lock.
    lock.exec(`begin immediate; pragma user_version = ${process.pid}; commit; begin immediate`);
  } catch (error) {
    const isBusy = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
    const refusal = isBusy ? new UserError(explainBusy(home, lock)) : error;
    lock.close();
    throw refusal;
  }
  // A killed stack leaves this file behind.
  rmSync(join(home, STACK_FILE), { force: true });
  return () => lock.close();
}

function explainBusy(home: string, lock: DatabaseSync): string {
  const { user_version: pid } = lock.prepare('pragma user_version').get() ?? {};
  const address = findRunningStack(home)?.api ?? 'not serving yet';
  return `Another stack uses the folder ${home} (process ${String(pid)}, ${address}): stop it, or set COLLECT_HOME to another folder.`;
}
