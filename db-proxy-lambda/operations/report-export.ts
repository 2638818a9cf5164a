import { updateHeldExport } from '../database/exports.ts';
import { secondsFromNow } from './claim-export.ts';
import type { Perform } from './operation.ts';

export const reportExport: Perform<'reportExport'> = async (
  { db },
  { export_id: exportId, holder, lease_seconds: leaseSeconds, rows_done: rowsDone },
) => ({
  held: await updateHeldExport(db, exportId, holder, {
    rows_done: rowsDone,
    held_until: secondsFromNow(leaseSeconds),
  }),
});
