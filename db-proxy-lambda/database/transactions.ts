import { setTimeout as wait } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Database, DatabaseErrorKind } from './database.ts';
import type { Schema } from './schema.ts';

/**
 * Tries in all. Duplicates clear in one or two; who reads with locks among many writers is the deadlock's victim several
 * times over. What is still busy then is better told to the caller.
 */
const TRIES = 8;
/** No try begins after this: one that waits for a lock takes five seconds, and the caller waits for 20. */
const LAST_TRY_MS = 10_000;
const FIRST_PAUSE_MS = 20;
/** What clears in milliseconds. A database that is away does not: there is a queue for its sake. */
const PASSING: ReadonlySet<DatabaseErrorKind> = new Set(['DATABASE_BUSY', 'DUPLICATE_KEY']);

/** As many connections as a pool holds may be dead. */
const MOST_DEAD_CONNECTIONS = 2;

/**
 * Runs `work` again, with growing pauses, when another writer got in its way: deadlock, lock timeout, a row that somebody
 * else inserted first. `work` must be safe to repeat.
 */
export async function withRetries<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const last = Date.now() + LAST_TRY_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const kind = database.errorKind(error);
      if (!PASSING.has(kind) || attempt === TRIES || Date.now() > last) throw error;
      await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

/** Runs `work` in a transaction, repeated as `withRetries` says. */
export function inTransaction<T>(database: Database, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return withRetries(database, () => database.db.transaction().execute(work));
}

/**
 * Runs `work` again at once when the connection that it was given turns out to be dead. Idle connections are cut while
 * a Lambda environment is frozen, which nobody notices before the next request. `work` must be safe to repeat: what a
 * lost connection left behind may have been committed.
 */
export async function pastDeadConnections<T>(database: Database, work: () => Promise<T>): Promise<T> {
  for (let dead = 0; ; dead += 1) {
    try {
      return await work();
    } catch (error) {
      if (dead === MOST_DEAD_CONNECTIONS || database.errorKind(error) !== 'CONNECTION_LOST') throw error;
    }
  }
}
