import type { Database } from '../database.ts';
import { addColumn, createIndex, createTable } from './idempotent.ts';

/** Reviews of responses, their assignment to collectors, and the authors of corrections. */
export async function createReviews(database: Database): Promise<void> {
  const { columnTypes: types } = database;
  await createTable(database, 'reviews', (table) =>
    table
      .addColumn('id', types.ascendingId, (column) => column.primaryKey())
      .addColumn('review_id', types.ascii(36), (column) => column.notNull())
      .addColumn('content_hash', types.ascii(64), (column) => column.notNull())
      .addColumn('response_id', types.text(128), (column) => column.notNull())
      .addColumn('revision', 'integer', (column) => column.notNull())
      .addColumn('action', types.ascii(16), (column) => column.notNull())
      .addColumn('text', types.text(2000))
      .addColumn('assignee', types.text(128))
      .addColumn('status', types.ascii(16), (column) => column.notNull())
      .addColumn('status_before', types.ascii(16), (column) => column.notNull())
      .addColumn('user_before', types.text(128), (column) => column.notNull())
      .addColumn('token_id', types.ascii(36))
      .addColumn('author', types.text(200), (column) => column.notNull())
      .addColumn('applied', 'integer', (column) => column.notNull())
      .addColumn('created_at', types.ascii(24), (column) => column.notNull())
      .addColumn('saved_at', types.ascii(24), (column) => column.notNull())
      .addUniqueConstraint('reviews_review_id', ['review_id']),
  );
  await createIndex(database, 'reviews_by_response', 'reviews', ['response_id', 'id']);
  await createIndex(database, 'reviews_by_time', 'reviews', ['saved_at', 'id']);
  for (const table of ['responses', 'response_revisions', 'late_revisions']) {
    await addColumn(database, table, 'author', types.text(200));
  }
  // Null unless the response was assigned to a collector, or reviewed since its last revision.
  await addColumn(database, 'responses', 'assignee', types.text(128));
  await addColumn(database, 'responses', 'collected_by', types.text(128));
  await addColumn(database, 'responses', 'revised_at', types.ascii(24));
}
