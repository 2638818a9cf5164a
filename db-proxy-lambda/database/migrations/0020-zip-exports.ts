import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** The ZIP file of an export, as `csv` holds the CSV file. */
export async function addZip(database: Database): Promise<void> {
  await addColumn(database, 'exports', 'zip', database.columnTypes.json);
}
