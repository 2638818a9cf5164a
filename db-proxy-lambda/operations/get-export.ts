import { findExport } from '../database/exports.ts';
import type { Perform } from './operation.ts';

export const getExport: Perform<'getExport'> = async ({ db }, { export_id: exportId }) => ({
  export: (await findExport(db, exportId)) ?? null,
});
