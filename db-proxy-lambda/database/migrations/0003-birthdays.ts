import type { Database } from '../database.ts';

/** Birthdays, for /hello. */
export async function createBirthdays({ db, columnTypes: types, withTableOptions }: Database): Promise<void> {
  await withTableOptions(
    db.schema
      .createTable('birthdays')
      .ifNotExists()
      .addColumn('username', types.text(64), (column) => column.primaryKey().notNull())
      .addColumn('date_of_birth', types.ascii(10), (column) => column.notNull()),
  ).execute();
}
