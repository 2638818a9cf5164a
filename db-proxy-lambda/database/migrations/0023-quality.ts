import type { Database } from '../database.ts';
import { createTable } from './idempotent.ts';

const FIGURES = ['responses', 'first_flagged', 'flagged', 'flags', 'returned', 'corrected', 'still_open'];

/** Quality figures: the figures of each response, their sums, and the time since which responses are counted. */
export async function createQuality(database: Database): Promise<void> {
  const { columnTypes: types, db } = database;

  await createTable(database, 'quality_responses', (table) =>
    table
      .addColumn('response_id', types.text(128), (column) => column.primaryKey().notNull())
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('day', types.ascii(10), (column) => column.notNull())
      .addColumn('collector', types.text(128), (column) => column.notNull())
      .addColumn('owner', types.text(128), (column) => column.notNull())
      .addColumn('assigned', 'smallint', (column) => column.notNull())
      .addColumn('status', types.ascii(16), (column) => column.notNull())
      .addColumn('returned', 'smallint', (column) => column.notNull())
      .addColumn('tracks', types.json),
  );
  await database.keepJsonAsText(db, 'quality_responses', ['tracks']);

  // The key has the columns that every query fixes, then the period. So a period of a form is one range of the key.
  await createTable(database, 'quality_figures', (table) => {
    const keyed = table
      .addColumn('form_id', types.ascii(63), (column) => column.notNull())
      .addColumn('kind', types.ascii(16), (column) => column.notNull())
      .addColumn('period', types.ascii(10), (column) => column.notNull())
      .addColumn('name', types.text(128), (column) => column.notNull());
    return FIGURES.reduce((rest, name) => rest.addColumn(name, 'integer', (column) => column.notNull()), keyed)
      .addColumn('times', types.ascii(4000))
      .addPrimaryKeyConstraint('quality_figures_pk', ['form_id', 'kind', 'period', 'name']);
  });

  await createTable(database, 'quality_start', (table) =>
    table
      .addColumn('id', 'integer', (column) => column.primaryKey().notNull())
      .addColumn('counted_since', types.ascii(24), (column) => column.notNull()),
  );
  const isSet = await db.selectFrom('quality_start').select('id').executeTakeFirst();
  if (isSet === undefined) {
    await db.insertInto('quality_start').values({ id: 1, counted_since: new Date().toISOString() }).execute();
  }
}
