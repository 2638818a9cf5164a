import type { ExportBound, Result } from '../contract.ts';
import { findTableToBound, lockExport, toStored, updateExport } from './queries.ts';
import { secondsFromNow } from '../leases/queries.ts';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transactions.ts';
import { currentBound, settledBound } from './bound-queries.ts';
import { findTable } from './find-table.ts';
import type { OperationHandler } from '../operation-handler.ts';
import type { Table } from './table.ts';

/** Max bytes of the columns of a table with columns of options. Lambda's limit of a reply is 6 MB. */
const MAX_COLUMNS_BYTES = 4_000_000;

/** An export fails after this many claims that did not finish it. */
const MAX_CLAIMS = 5;

export const claimExport: OperationHandler<'claimExport'> = async (
  database,
  { export_id: exportId, holder, lease_seconds: leaseSeconds },
) => {
  const claimedAt = new Date().toISOString();
  const firstBound = await boundOfFirstClaim(database, exportId);
  return inTransaction(database, async (trx): Promise<Result<'claimExport'>> => {
    const found = await lockExport(trx, exportId);
    if (found === undefined) return { claim: 'unknown' };
    const stored = toStored(found);
    if (stored.status === 'succeeded' || stored.status === 'failed') return { claim: 'finished' };
    const now = new Date().toISOString();
    if (stored.status === 'running' && found.holder !== holder && (found.held_until ?? '') > now)
      return { claim: 'held' };
    const bound: ExportBound | undefined = found.bound === null ? firstBound : JSON.parse(found.bound);
    // The export was requested after `boundOfFirstClaim` looked for it.
    if (bound === undefined) return { claim: 'unknown' };
    const { option_columns: withOptions, filter } = stored.request;
    const table = await findTable(trx, stored.table_name, bound.form_version, withOptions);
    const error = obstacleTo(table, found.claims, withOptions);
    if (table === undefined || error !== null) {
      await updateExport(trx, exportId, { status: 'failed', error, active_key: null, finished_at: now });
      return { claim: 'finished' };
    }
    const total = await table.count({ ...database, db: trx }, bound, filter);
    const changes = {
      status: 'running',
      holder,
      held_until: secondsFromNow(leaseSeconds),
      claims: found.claims + 1,
      started_at: stored.started_at ?? claimedAt,
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
};

/** Why an export cannot run, for the manager who requested it; null if it can. */
function obstacleTo(table: Table | undefined, claims: number, withOptions = false): string | null {
  if (table === undefined) return 'The table no longer exists.';
  if (claims >= MAX_CLAIMS) return 'The export was interrupted too often.';
  if (!withOptions || Buffer.byteLength(JSON.stringify(table.columns)) <= MAX_COLUMNS_BYTES) return null;
  return `The table would have ${table.columns.length} columns, which are too many. Request the export without option_columns.`;
}

/** The bound of an export that has none yet; undefined for any other export. */
async function boundOfFirstClaim(database: Database, exportId: string): Promise<ExportBound | undefined> {
  const name = await findTableToBound(database.db, exportId);
  if (name === undefined) return undefined;
  const table = await findTable(database.db, name);
  return table === undefined ? currentBound(database.db, 0) : settledBound(database, table);
}
