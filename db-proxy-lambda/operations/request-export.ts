import { hash } from 'node:crypto';
import type { Input } from '../contract.ts';
import { findActiveExport, findExport, insertExport } from '../database/exports.ts';
import { withRetries } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

export const requestExport: Perform<'requestExport'> = (database, input) =>
  withRetries(database, async () => {
    const activeKey = keyOf(input);
    const active = await findActiveExport(database.db, activeKey);
    if (active !== undefined) return { export: active, created: active.export_id === input.export_id };
    // The same call may come again after its answer was lost, and its export have ended meanwhile.
    const own = await findExport(database.db, input.export_id);
    if (own !== undefined) return { export: own, created: true };
    // Another request may come in between: its row makes this insert a duplicate key, and the next try finds it.
    await insertExport(database.db, input, activeKey, new Date().toISOString());
    const stored = await findExport(database.db, input.export_id);
    if (stored === undefined) throw new Error('An export that was just stored is not there.');
    return { export: stored, created: true };
  });

/** The same for two requests that ask for the same thing. */
function keyOf({
  table_name: table,
  request: { spreadsheet_id: spreadsheetId, format, filter },
}: Input<'requestExport'>) {
  const parts = [table, spreadsheetId, format.csv, format.sheet, filter.status ?? null, filter.updated_since ?? null];
  return hash('sha256', JSON.stringify(parts), 'hex');
}
