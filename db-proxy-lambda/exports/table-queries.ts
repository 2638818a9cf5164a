/** Queries that several tables share. The time in one column decides whether a row belongs to an export. */
import { sql, type Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/** A table with ascending ids. */
export type TableWithIds = { [T in keyof Schema]: 'id' extends keyof Schema[T] ? T : never }[keyof Schema];

/** The columns of a table that can hold a time: times are text. */
export type TimeColumn<T extends keyof Schema> = {
  [C in keyof Schema[T]]: Schema[T][C] extends string ? C : never;
}[keyof Schema[T]] &
  string;

/** A database table, and its column with the time of a write. */
export interface WrittenTable {
  table: keyof Schema;
  timeColumn: string;
  /** The index by that column: without one, the wait for writes would lock every row. */
  index: string;
}

export const WRITTEN_RESPONSES: WrittenTable = {
  table: 'responses',
  timeColumn: 'updated_at',
  index: 'responses_by_change',
};

/** How many rows were written up to this time. */
export async function countUntil<T extends keyof Schema>(
  db: Kysely<Schema>,
  table: T,
  timeColumn: TimeColumn<T>,
  at: string,
): Promise<number> {
  const { count } = await db
    .selectFrom<keyof Schema>(table)
    .select((eb) => eb.fn.countAll().as('count'))
    .where(sql.ref(timeColumn), '<=', at)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Waits until every row with a time from `from` to `to` is committed or rolled back.
 *
 * @returns the time of the newest such row; null if there is none
 * @throws the driver's error after the lock wait timeout
 */
export async function waitForWrites(
  { db, tableWithIndex }: Database,
  { table, timeColumn, index }: WrittenTable,
  from: string,
  to: string,
): Promise<string | null> {
  const time = sql.ref<string>(timeColumn);
  const { newest } = await db
    .selectFrom(tableWithIndex(table, index))
    // Without the count, the database would read and lock only the newest row.
    .select((eb) => [eb.fn.max<string | null>(time).as('newest'), eb.fn.countAll().as('count')])
    .where(time, '>=', from)
    .where(time, '<=', to)
    .forShare()
    .executeTakeFirstOrThrow();
  return newest;
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
