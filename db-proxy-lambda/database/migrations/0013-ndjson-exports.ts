import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The NDJSON file of an export, as `csv` holds the CSV file. */
export async function addNdjson(database: Database): Promise<void> {
  await addColumn(database, 'exports', 'ndjson', database.columnTypes.json);
}
