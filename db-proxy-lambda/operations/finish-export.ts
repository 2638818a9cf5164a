import { updateHeldExport } from '../database/exports.ts';
import type { Perform } from './operation.ts';

export const finishExport: Perform<'finishExport'> = async (
  { db },
  { export_id: exportId, holder, status, csv, sheet, error },
) => ({
  held: await updateHeldExport(db, exportId, holder, {
    status,
    csv: csv && JSON.stringify(csv),
    sheet: sheet && JSON.stringify(sheet),
    error,
    active_key: null,
    finished_at: new Date().toISOString(),
    ...(csv !== null && { rows_done: csv.rows, rows_total: csv.rows }),
  }),
});
