import { listAuditEvents as readPage } from '../database/audit.ts';
import type { Perform } from './operation.ts';

export const listAuditEvents: Perform<'listAuditEvents'> = async ({ db }, input) => {
  const { items, more } = await readPage(db, input);
  const last = items.at(-1);
  return { items, next: more && last ? { at: last.at, id: last.id } : null };
};
