import { setTimeout as wait } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Database, DatabaseErrorKind } from './database.ts';
import type { Schema } from './schema.ts';

/**
 * Duplicate keys clear in one or two tries. A transaction that locks contended rows may be rolled back by several deadlocks.
 */
const MAX_TRIES = 8;
/**
 * A failure after this time is not retried; the last retry starts at most two seconds later, after its backoff. A try that
 * waits for a lock takes five seconds, and the caller waits for 18.
 */
const LAST_TRY_MS = 10_000;
const FIRST_BACKOFF_MS = 20;
/** Errors that clear in milliseconds. If the database is unreachable, callers queue the work instead. */
const TRANSIENT: ReadonlySet<DatabaseErrorKind> = new Set(['DATABASE_BUSY', 'DUPLICATE_KEY']);

/** All connections of a pool may be dead. */
const MAX_DEAD_CONNECTIONS = 2;

/**
 * Runs `work` again, with exponential backoff, after a conflict with another writer: deadlock, lock timeout, duplicate key.
 * `work` must be idempotent.
 */
export async function withRetries<T>(database: Database, work: () => Promise<T>): Promise<T> {
  const last = Date.now() + LAST_TRY_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const kind = database.errorKind(error);
      if (!TRANSIENT.has(kind) || attempt === MAX_TRIES || Date.now() > last) throw error;
      await wait(FIRST_BACKOFF_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

/** Runs `work` in a transaction, with retries. */
export function inTransaction<T>(database: Database, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return withRetries(database, () => database.db.transaction().execute(work));
}

/**
 * Runs `work` again immediately if its connection turns out to be dead: servers close idle connections while a Lambda
 * execution environment is frozen. `work` must be idempotent, because it may have been committed before the connection was
 * lost.
 */
export async function withLiveConnection<T>(database: Database, work: () => Promise<T>): Promise<T> {
  for (let dead = 0; ; dead += 1) {
    try {
      return await work();
    } catch (error) {
      if (dead === MAX_DEAD_CONNECTIONS || database.errorKind(error) !== 'CONNECTION_LOST') throw error;
    }
  }
}
