import type { Database } from '../database.ts';
import { addColumn } from './idempotent.ts';

/** A column for the ZIP file of an export, like `csv` for the CSV file. */
export async function addZip(database: Database): Promise<void> {
  await addColumn(database, 'exports', 'zip', database.columnTypes.json);
}
