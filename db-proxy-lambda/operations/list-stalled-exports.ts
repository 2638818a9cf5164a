import { findStalledExports } from '../database/exports.ts';
import type { Perform } from './operation.ts';

export const listStalledExports: Perform<'listStalledExports'> = async ({ db }, { queued_before: queuedBefore }) => ({
  export_ids: await findStalledExports(db, queuedBefore, new Date().toISOString()),
});
