import type { Cell } from '../contract.ts';
import { findLateRevisions } from './late-revision-queries.ts';
import { readByKeys } from '../database/pages.ts';
import { bytesOf } from './queries.ts';
import { matches } from './snapshot-queries.ts';
import { EXPORT_PAGE_BYTES, type Table } from '../exports/table.ts';

const ROWS_A_PAGE = 100;

/** What was acknowledged and came too late to become a revision, in the order in which it came. */
export const lateRevisionsTable: Table = {
  name: 'late_revisions',
  kind: 'system',
  spreadsheetId: null,
  title: 'Responses that came too late',
  columns: [
    { name: 'response_id', type: 'text' },
    { name: 'form_id', type: 'text' },
    { name: 'form_version', type: 'number' },
    { name: 'user_id', type: 'text' },
    { name: 'status', type: 'text' },
    { name: 'last_modified_time', type: 'time' },
    { name: 'saved_at', type: 'time' },
    { name: 'response', type: 'text' },
  ],
  count: async ({ db }, bound) => {
    const { count } = await db
      .selectFrom('late_revisions')
      .select((is) => is.fn.countAll().as('count'))
      .where('saved_at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    return Number(count);
  },
  page: async ({ db }, bound, filter, after) => {
    const keys = await db
      .selectFrom('late_revisions')
      .select('id')
      .where('saved_at', '<=', bound.at)
      .where('id', '>', Number(after ?? 0))
      .orderBy('id')
      .limit(ROWS_A_PAGE + 1)
      .execute();
    const { page, last, more } = await readByKeys(keys, ROWS_A_PAGE, {
      read: (some) => findLateRevisions(db, some),
      nameOf: (row) => row.id,
      bytesOf,
      most: EXPORT_PAGE_BYTES,
    });
    const rows = page
      .filter((row) => matches(row, filter))
      .map((row): Cell[] => [
        row.response_id,
        row.form_id,
        row.form_version,
        row.user_id,
        row.status,
        row.last_modified_time,
        row.saved_at,
        row.response,
      ]);
    return { rows, next: more && last ? String(last.id) : null };
  },
};
