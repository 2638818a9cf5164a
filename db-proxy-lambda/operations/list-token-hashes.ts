import { listTokenHashes as readPage } from '../database/tokens.ts';
import type { Perform } from './operation.ts';

export const listTokenHashes: Perform<'listTokenHashes'> = async ({ db }, input) => {
  const { items, more } = await readPage(db, input);
  return { items, next: more ? (items.at(-1)?.sha256 ?? null) : null };
};
