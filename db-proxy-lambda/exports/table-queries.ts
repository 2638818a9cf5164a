/** Queries that several system tables share. Each belongs to an export by a time column of its own. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

const TIME_COLUMNS = {
  audit_events: 'at',
  exports: 'created_at',
  late_revisions: 'saved_at',
  response_revisions: 'saved_at',
  tasks: 'created_at',
} as const satisfies Partial<Record<keyof Schema, string>>;

export type TableWithIds = 'audit_events' | 'late_revisions' | 'tasks';

/** How many rows were written up to this time. */
export async function countUntil(db: Kysely<Schema>, table: keyof typeof TIME_COLUMNS, at: string): Promise<number> {
  const { count } = await db
    .selectFrom(table)
    .select((is) => is.fn.countAll().as('count'))
    .where(sql.ref(TIME_COLUMNS[table]), '<=', at)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The ids after `after` of rows that were written up to this time, ascending. */
export async function listIdsUntil(
  db: Kysely<Schema>,
  table: TableWithIds,
  at: string,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom(table)
    .select('id')
    .where(sql.ref(TIME_COLUMNS[table]), '<=', at)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
