import { findEntry } from '../database/directory.ts';
import type { Perform } from './operation.ts';

export const getDirectoryEntry: Perform<'getDirectoryEntry'> = async ({ db }, { collection, id }) => ({
  entry: (await findEntry(db, collection, id)) ?? null,
});
