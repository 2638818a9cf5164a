import { findCreatedEntry, findEntry, findTaken, insertEntry } from '../database/directory.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/** Two who make the same entry at once: the second's insert meets the first's key, runs again and finds it taken. */
export const createDirectoryEntry: Perform<'createDirectoryEntry'> = (
  database,
  { collection, values, creation_key: key },
) =>
  inTransaction(database, async (trx) => {
    const created = await findCreatedEntry(trx, collection, key);
    if (created !== undefined) return { outcome: 'created', entry: created };
    const by = await findTaken(trx, collection, values);
    if (by.length > 0) return { outcome: 'taken', by };
    const id = await insertEntry(trx, collection, { ...values, creation_key: key }, new Date().toISOString());
    const entry = await findEntry(trx, collection, id);
    if (entry === undefined) throw new Error('The entry that was inserted is not there.');
    return { outcome: 'created', entry };
  });
