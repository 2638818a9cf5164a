import { listTokens as readPage } from '../database/tokens.ts';
import type { Perform } from './operation.ts';

export const listTokens: Perform<'listTokens'> = async ({ db }, input) => {
  const { items, more } = await readPage(db, input);
  const last = items.at(-1);
  return { items, next: more && last ? { created_at: last.created_at, token_id: last.token_id } : null };
};
