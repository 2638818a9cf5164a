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
    // The same call may come again after its answer was lost, and its export have ended meanwhile.
    const own = await findExport(trx, input.export_id);
    if (own !== undefined) return { export: own, created: true };
    const at = new Date().toISOString();
    // Another request may come in between: its row makes this insert a duplicate key, and the next try finds it.
    await insertExport(trx, input, activeKey, at);
    await recordEvent(trx, by, {
      at,
      action: 'export_requested',
      subject_id: input.export_id,
      detail: describe(input),
    });
    const stored = await findExport(trx, input.export_id);
    if (stored === undefined) throw new Error('An export that was just stored is not there.');
    return { export: stored, created: true };
  });

type Request = Omit<Input<'requestExport'>, 'by'>;

/** The same for two requests that ask for the same thing. */
function keyOf({ table_name: table, request: { spreadsheet_id: spreadsheetId, format, filter } }: Request): string {
  const parts = [table, spreadsheetId, format.csv, format.sheet, filter.status ?? null, filter.updated_since ?? null];
  return hash('sha256', JSON.stringify(parts), 'hex');
}

/** What leaves the installation, and for where. */
function describe({ table_name: table, request: { spreadsheet_id: spreadsheetId, format } }: Request): string {
  const targets = [...(format.csv ? ['CSV'] : []), ...(format.sheet ? [`spreadsheet ${spreadsheetId}`] : [])];
  return `${table} to ${targets.join(' and ')}`;
}
