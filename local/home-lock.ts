/** One stack a home: two would delete each other's bundles and share one queue's files. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { STACK_FILE } from './running-stack.ts';
import { StartError } from './start-error.ts';

const LOCK_FILE = 'lock.sqlite';
const SQLITE_BUSY = 5;

/**
 * Locks the home until the function that it answers is called, or this process ends, however it ends. SQLite holds a lock
 * of the operating system, so that a killed stack leaves none behind, and no process id is mistaken for another's.
 *
 * @throws StartError when another stack uses the home
 */
export function lockHome(home: string): () => void {
  const lock = new DatabaseSync(join(home, LOCK_FILE));
  try {
    // The process id is committed, so that a second start can read it; the transaction after it holds the lock.
    lock.exec(`begin immediate; pragma user_version = ${process.pid}; commit; begin immediate`);
  } catch (error) {
    const refusal = isBusy(error) ? new StartError(explain(home, lock)) : error;
    lock.close();
    throw refusal;
  }
  // A stack that was killed could not remove it.
  rmSync(join(home, STACK_FILE), { force: true });
  return () => lock.close();
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function explain(home: string, lock: DatabaseSync): string {
  const { user_version: pid } = lock.prepare('pragma user_version').get() ?? {};
  return `Another stack uses the folder ${home} (process ${String(pid)}, ${addressIn(home)}): stop it, or set COLLECT_HOME to another folder.`;
}

function addressIn(home: string): string {
  try {
    return JSON.parse(readFileSync(join(home, STACK_FILE), 'utf8')).api;
  } catch {
    return 'not serving yet';
  }
}
