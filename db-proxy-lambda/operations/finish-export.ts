import { updateHeldExport } from '../database/exports.ts';
import type { Perform } from './operation.ts';

/** Ends an export that this holder still runs. What was repeated after its answer was lost finds it ended: not held. */
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
    ...rowsOf(csv ?? sheet),
  }),
});

/** How many rows there are is known at the end: a filter or several rows a response made the total an estimate. */
function rowsOf(written: { rows: number } | null) {
  return written !== null && { rows_done: written.rows, rows_total: written.rows };
}
