/** The bound: the moment at which an export starts. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { ExportBound } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { withRetries } from '../database/transactions.ts';
import { LONGEST_WRITE_MS } from '../responses/settled.ts';
import type { Table } from './table.ts';
import { waitForWrites } from './table-queries.ts';

/** Max time by which the clock of another proxy is ahead. */
const CLOCK_MARGIN_MS = 1_000;

/**
 * Returns a settled moment: all writes up to it have ended. A write takes its ids and its timestamp before it commits.
 * If a write before the bound committed while the export runs, the sheet would have rows that its CSV lacks.
 *
 * The first row of a write is in the database at most `settleMs` after the write's timestamp, and `waitForWrites` waits
 * until the write ends. If the table has no write from the last `settleMs`, the bound is `settleMs` ago. Otherwise the
 * bound is the present moment, and this function waits for `settleMs` and then for the writes. It holds no lock
 * meanwhile, and a retry repeats only the locking read. The last id is read at the end, because the writes that this
 * function waited for may have added higher ids.
 */
export async function settledBound(
  database: Database,
  { written, version }: Table & { version: number },
): Promise<ExportBound> {
  const now = Date.now();
  const at = new Date(now).toISOString();
  const settledAt = new Date(now - database.settleMs).toISOString();
  const from = new Date(now - LONGEST_WRITE_MS).toISOString();
  const to = new Date(now + CLOCK_MARGIN_MS).toISOString();
  const waitForAll = () => withRetries(database, () => waitForWrites(database, written, from, to));

  const newest = await waitForAll();
  if (newest === null || newest <= settledAt) return boundAt(database.db, settledAt, version);
  await wait(Math.max(0, now + database.settleMs - Date.now()));
  await waitForAll();
  return boundAt(database.db, at, version);
}

/** The present moment: responses up to the last id, in their current state. */
export function currentBound(db: Kysely<Schema>, formVersion: number): Promise<ExportBound> {
  return boundAt(db, new Date().toISOString(), formVersion);
}

/**
 * Responses up to the last one that had arrived by a time. The query reads the primary key from its end, and skips the
 * few later responses.
 */
async function boundAt(db: Kysely<Schema>, at: string, formVersion: number): Promise<ExportBound> {
  const last = await db
    .selectFrom('responses')
    .select('id')
    .where('created_at', '<=', at)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { max_id: last?.id ?? 0, at, form_version: formVersion };
}
