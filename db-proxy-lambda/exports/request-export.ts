import { hash } from 'node:crypto';
import type { Input } from '../contract.ts';
import { recordEvent } from '../audit/queries.ts';
import { findActiveExport, findExport, insertExport } from './queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';

export const requestExport: OperationHandler<'requestExport'> = (database, { by, ...input }) =>
  inTransaction(database, async (trx) => {
    const activeKey = keyOf(input);
    const active = await findActiveExport(trx, activeKey);
    if (active !== undefined) return { export: active, created: active.export_id === input.export_id };
    // If this call is a retry, its export may have ended since.
    const own = await findExport(trx, input.export_id);
    if (own !== undefined) return { export: own, created: true };
    const at = new Date().toISOString();
    // If a concurrent duplicate inserts first, this insert fails (duplicate key), and its retry finds that export.
    await insertExport(trx, input, activeKey, at);
    await recordEvent(trx, by, {
      at,
      action: 'export_requested',
      subject_id: input.export_id,
      detail: describe(input),
    });
    const stored = await findExport(trx, input.export_id);
    if (stored === undefined) throw new Error('The export that was inserted is missing.');
    return { export: stored, created: true };
  });

type Request = Omit<Input<'requestExport'>, 'by'>;

/** Equal for duplicate requests. */
function keyOf({ table_name: table, request }: Request): string {
  const { spreadsheet_id: spreadsheetId, format, filter, headers, bom, option_columns: withOptions } = request;
  const parts = [table, spreadsheetId, format.csv, format.sheet, filter.status ?? null, filter.updated_since ?? null];
  // Earlier releases know no options. A request without options gets the key that they computed for it, so it still
  // finds the export that they stored.
  const options = [
    format.ndjson === true && 'ndjson',
    format.zip === true && 'zip',
    headers,
    bom === true && 'bom',
    withOptions === true && 'option_columns',
  ].filter(Boolean);
  return hash('sha256', JSON.stringify([...parts, ...options]), 'hex');
}

/** Max characters of the audit's column. */
const MAX_DETAIL = 400;

/** The exported table and its targets, for the audit. */
function describe({ table_name: table, request: { spreadsheet_id: spreadsheetId, format } }: Request): string {
  const targets = [
    format.csv && 'CSV',
    format.ndjson === true && 'NDJSON',
    format.zip === true && 'ZIP',
    format.sheet && `spreadsheet ${spreadsheetId}`,
  ].filter((target) => target !== false);
  return `${table} to ${targets.join(' and ')}`.slice(0, MAX_DETAIL);
}
