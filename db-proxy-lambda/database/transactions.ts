import { setTimeout as wait } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** Tries in all. Deadlocks and duplicates clear in one or two; what is still busy then is better told to the caller. */
const TRIES = 5;
const FIRST_PAUSE_MS = 20;

/**
 * Runs `work` again, with growing pauses, when another writer got in its way (deadlock, lock timeout, a row that
 * somebody else inserted first) or the connection was lost. `work` must be safe to repeat: what a lost connection
 * left behind may have been committed.
 */
export async function withRetries<T>(database: Database, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const kind = database.errorKind(error);
      const passing = kind === 'DATABASE_BUSY' || kind === 'DUPLICATE_KEY' || kind === 'DATABASE_UNAVAILABLE';
      if (!passing || attempt === TRIES) throw error;
      await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

/** Runs `work` in a transaction, repeated as `withRetries` says. */
export function inTransaction<T>(database: Database, work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
  return withRetries(database, () => database.db.transaction().execute(work));
}
