import type { Database } from '../database.ts';
import { createTable } from './idempotent.ts';

/** Areas, their daily metrics, and the state of each country's series. */
export async function createAreaMetrics(database: Database): Promise<void> {
  const { columnTypes: types } = database;

  await createTable(database, 'areas', (table) =>
    table
      .addColumn('sample', 'smallint', (column) => column.notNull())
      .addColumn('area_id', 'integer', (column) => column.notNull())
      .addColumn('iso3', types.ascii(3), (column) => column.notNull())
      .addColumn('name', types.text(200), (column) => column.notNull())
      .addColumn('population', 'double precision', (column) => column.notNull())
      .addColumn('seen_on', types.ascii(10), (column) => column.notNull())
      .addPrimaryKeyConstraint('areas_pk', ['sample', 'area_id']),
  );

  // The key has the columns that every query fixes, then the day. So a country's period is one range of the key.
  await createTable(database, 'area_metrics', (table) =>
    table
      .addColumn('iso3', types.ascii(3), (column) => column.notNull())
      .addColumn('indicator', types.ascii(32), (column) => column.notNull())
      .addColumn('sample', 'smallint', (column) => column.notNull())
      .addColumn('day', types.ascii(10), (column) => column.notNull())
      .addColumn('area_id', 'integer', (column) => column.notNull())
      .addColumn('data_type', types.ascii(32), (column) => column.notNull())
      .addColumn('population', 'double precision', (column) => column.notNull())
      .addColumn('people', 'double precision')
      .addColumn('prevalence', 'double precision')
      .addPrimaryKeyConstraint('area_metrics_pk', ['iso3', 'indicator', 'sample', 'day', 'area_id']),
  );

  await createTable(database, 'metric_series', (table) =>
    table
      .addColumn('iso3', types.ascii(3), (column) => column.notNull())
      .addColumn('indicator', types.ascii(32), (column) => column.notNull())
      .addColumn('sample', 'smallint', (column) => column.notNull())
      .addColumn('country', types.text(128), (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('changed_at', types.ascii(24), (column) => column.notNull())
      .addColumn('as_of', types.ascii(24), (column) => column.notNull())
      .addPrimaryKeyConstraint('metric_series_pk', ['iso3', 'indicator', 'sample']),
  );
}
