/** Queries that several system tables share. A row belongs to an export by the time in one of its columns. */
import { sql, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** A table with ascending ids. */
export type TableWithIds = { [T in keyof Schema]: 'id' extends keyof Schema[T] ? T : never }[keyof Schema];

/** The columns of a table that hold text, as times do. */
export type TimeColumn<T extends keyof Schema> = {
  [C in keyof Schema[T]]: Schema[T][C] extends string ? C : never;
}[keyof Schema[T]] &
  string;

/** How many rows were written up to this time. */
export async function countUntil<T extends keyof Schema>(
  db: Kysely<Schema>,
  table: T,
  timeColumn: TimeColumn<T>,
  at: string,
): Promise<number> {
  const { count } = await db
    .selectFrom<keyof Schema>(table)
    .select((is) => is.fn.countAll().as('count'))
    .where(sql.ref(timeColumn), '<=', at)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The ids after `after` of rows that were written up to this time, ascending. */
export async function listIdsUntil<T extends TableWithIds>(
  db: Kysely<Schema>,
  table: T,
  timeColumn: TimeColumn<T>,
  at: string,
  after: number,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom<TableWithIds>(table)
    .select('id')
    .where(sql.ref(timeColumn), '<=', at)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
