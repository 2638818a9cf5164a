import type { Database } from '../database.ts';

/**
 * The table of a repeat is named after its form and the questions on the way to it: up to six names with dots between
 * them.
 */
export async function widenTableNames({ db, columnTypes: types, widenText }: Database): Promise<void> {
  await widenText(db, 'exports', 'table_name', types.ascii(383));
}
