import { sql, type Kysely, type Transaction } from 'kysely';
import type { ExportBound, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { lockExport, updateExport } from './queries.ts';
import type { Schema } from '../database/schema.ts';
import { secondsFromNow } from '../leases/queries.ts';
import { LONGEST_WRITE_MS } from '../responses/settled.ts';
import { inTransaction } from '../database/transactions.ts';
import { findTable } from './find-table.ts';
import type { OperationHandler } from '../operation-handler.ts';

/** An export whose holders died this often will not get through. */
const MAX_CLAIMS = 5;

export const claimExport: OperationHandler<'claimExport'> = (
  database,
  { export_id: exportId, holder, lease_seconds: leaseSeconds },
) =>
  inTransaction(database, async (trx): Promise<Result<'claimExport'>> => {
    const found = await lockExport(trx, database.kind, exportId);
    if (found === undefined) return { claim: 'unknown' };
    const { stored, heldUntil, claims } = found;
    if (stored.status === 'succeeded' || stored.status === 'failed') return { claim: 'finished' };
    const now = new Date().toISOString();
    if (stored.status === 'running' && found.holder !== holder && (heldUntil ?? '') > now) return { claim: 'held' };
    const table = await findTable(trx, stored.table_name, found.bound?.form_version);
    if (table === undefined || claims >= MAX_CLAIMS) {
      const error = table === undefined ? 'The table is no longer there.' : 'The export was interrupted too often.';
      await updateExport(trx, exportId, { status: 'failed', error, active_key: null, finished_at: now });
      return { claim: 'finished' };
    }
    const bound = found.bound ?? (await settledBound(database, trx, table.version));
    const total = await table.count({ ...database, db: trx }, bound, stored.request.filter);
    const changes = {
      status: 'running',
      holder,
      held_until: secondsFromNow(leaseSeconds),
      claims: claims + 1,
      started_at: stored.started_at ?? now,
      rows_total: total,
      rows_done: 0,
    } as const;
    await updateExport(trx, exportId, { ...changes, bound: JSON.stringify(bound) });
    const { name, kind, title, columns, spreadsheetId } = table;
    const { status, started_at, rows_total, rows_done } = changes;
    return {
      claim: 'granted',
      export: { ...stored, status, started_at, rows_total, rows_done },
      table: { name, kind, title, columns: [...columns], rows: total, spreadsheet_id: spreadsheetId },
      bound,
    };
  });

/** By how much the clock of another proxy may be ahead. */
const CLOCK_MARGIN_MS = 1_000;

/**
 * The moment that is now, once nobody is writing at it any more. Ids are given out before they are committed, so below
 * the last one there may be some that are not visible yet; so may changes from before the moment. Were they to appear
 * while the export runs, the sheet would have rows that its CSV lacks. Reading with a lock waits for their writers.
 *
 * SQLite has one writer at a time, and here it is this transaction.
 */
async function settledBound(database: Database, trx: Transaction<Schema>, formVersion: number): Promise<ExportBound> {
  const bound = await currentBound(trx, formVersion);
  if (database.kind === 'sqlite') return bound;
  const at = Date.parse(bound.at);
  await trx
    .selectFrom(database.responsesBy('responses_by_change'))
    .select((is) => is.fn.countAll().as('count'))
    .where('updated_at', '>=', new Date(at - LONGEST_WRITE_MS).toISOString())
    .where('updated_at', '<=', new Date(at + CLOCK_MARGIN_MS).toISOString())
    .modifyEnd(sql`lock in share mode`)
    .execute();
  return bound;
}

/** The moment that is now: responses up to the last id, in the state they are in. */
export async function currentBound(db: Kysely<Schema>, formVersion: number): Promise<ExportBound> {
  const { id } = await db
    .selectFrom('responses')
    .select((is) => is.fn.max('id').as('id'))
    .executeTakeFirstOrThrow();
  return { max_id: id ?? 0, at: new Date().toISOString(), form_version: formVersion };
}
