import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** A column for the NDJSON file of an export, like `csv` for the CSV file. */
export async function addNdjson(database: Database): Promise<void> {
  await addColumn(database, 'exports', 'ndjson', database.columnTypes.json);
}
