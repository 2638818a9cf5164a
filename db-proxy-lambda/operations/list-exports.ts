import { listExports as readPage } from '../database/exports.ts';
import type { Perform } from './operation.ts';

export const listExports: Perform<'listExports'> = async ({ db }, input) => {
  const { items, more } = await readPage(db, input);
  const last = items.at(-1);
  return { items, next: more && last ? { created_at: last.created_at, export_id: last.export_id } : null };
};
