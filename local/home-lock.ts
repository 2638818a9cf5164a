import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STACK_FILE, findRunningStack } from './running-stack.ts';
import { UserError } from './user-error.ts';

const SQLITE_BUSY = 5;

/**
 * Locks a home, because two stacks in one would delete each other's bundles and share queues. SQLite holds a lock of the
 * operating system, so the lock ends with the process, however it ends.
 *
 * @returns a function that unlocks the home
 * @throws {UserError} when another stack uses the home
 */
export function lockHome(home: string): () => void {
  const lock = new DatabaseSync(join(home, 'lock.sqlite'));
  try {
    // The commit lets a second start read the process id. The transaction after it holds the lock.
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
