import type { Kysely } from 'kysely';
import type { ExportBound, Result } from '../contract.ts';
import { lockExport, updateExport } from '../database/exports.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { findTable } from '../tables/find-table.ts';
import type { Perform } from './operation.ts';

/** An export whose holders died this often will not get through. */
const MAX_CLAIMS = 5;

export const claimExport: Perform<'claimExport'> = (
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
    const bound = found.bound ?? (await currentBound(trx, table.version));
    const total = await table.count(trx, bound, stored.request.filter);
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

/** The moment that is now: responses up to the last id, in the state they are in. */
export async function currentBound(db: Kysely<Schema>, formVersion: number): Promise<ExportBound> {
  const { id } = await db
    .selectFrom('responses')
    .select((is) => is.fn.max('id').as('id'))
    .executeTakeFirstOrThrow();
  return { max_id: id ?? 0, at: new Date().toISOString(), form_version: formVersion };
}

export function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}
