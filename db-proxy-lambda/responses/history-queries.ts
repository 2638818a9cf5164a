import { sql, type Kysely } from 'kysely';
import type { Result } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { ANY_DRAFT, bytesOf, stateColumns, toStored, type StoredState } from './queries.ts';

/** Max revisions on a page. */
export const REVISIONS_PER_PAGE = 500;

/**
 * The revisions of a response after a given one, oldest first. `saved_at` is the time of the revision, not of a later
 * review.
 */
export async function listRevisions(
  db: Kysely<Schema>,
  responseId: string,
  afterRevision: number,
): Promise<Result<'listRevisions'>> {
  // `responses` is read first: a revision that is replaced between the two queries is found in the second table.
  const current = await listRevisionKeys(db, 'responses', responseId, afterRevision);
  const replaced = await listRevisionKeys(db, 'response_revisions', responseId, afterRevision);
  const revisions = new Set([...replaced, ...current].map((row) => row.revision));
  const { page, next } = await readByKeys([...revisions], REVISIONS_PER_PAGE, (revision) => revision, {
    read: async (some) => [
      ...(await db
        .selectFrom('responses')
        .select([...stateColumns, (eb) => eb.fn.coalesce('revised_at', 'updated_at').as('saved_at')])
        .where('response_id', '=', responseId)
        .where('revision', 'in', some)
        .execute()),
      ...(await readReplacedStates(db, [responseId], some)),
    ],
    nameOf: (row) => row.revision,
    bytesOf,
  });
  return { items: page.map(toStored), complete: next === null };
}

/** The revision numbers of a response between two revisions, ascending: a page of them, and one more. */
export function listRevisionKeys(
  db: Kysely<Schema>,
  table: 'responses' | 'response_revisions',
  responseId: string,
  after: number,
  before?: number,
): Promise<{ revision: number }[]> {
  return db
    .selectFrom(table)
    .select('revision')
    .where('response_id', '=', responseId)
    .where('revision', '>', after)
    .$if(before !== undefined, (query) => query.where('revision', '<', before ?? 0))
    .orderBy('revision')
    .limit(REVISIONS_PER_PAGE + 1)
    .execute();
}

/** How many revisions were replaced up to a time. */
export async function countReplaced(db: Kysely<Schema>, at: string): Promise<number> {
  const { count } = await db
    .selectFrom('response_revisions')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('saved_at', '<=', at)
    .where('form_id', 'not like', ANY_DRAFT)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The number of erased responses up to an id. */
export async function countErased(db: Kysely<Schema>, maxId: number): Promise<number> {
  const { count } = await db
    .selectFrom('responses')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('id', '<=', maxId)
    .where('status', '=', 'erased')
    .where('form_id', 'not like', ANY_DRAFT)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The bytes of the replaced revisions of each response that has any. */
export async function readHistorySizes(
  db: Kysely<Schema>,
  responseIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('response_revisions')
    .select(['response_id', sql<number | string>`sum(octet_length(response))`.as('bytes')])
    .where('response_id', 'in', responseIds)
    .groupBy('response_id')
    .execute();
  return new Map(rows.map((row) => [row.response_id, Number(row.bytes)]));
}

/** The replaced revisions of these responses, in any order; if `revisions` is given, only those with these numbers. */
export function readReplacedStates(
  db: Kysely<Schema>,
  responseIds: readonly string[],
  revisions?: readonly number[],
): Promise<StoredState[]> {
  return db
    .selectFrom('response_revisions')
    .select([...stateColumns, 'saved_at'])
    .where('response_id', 'in', responseIds)
    .$if(revisions !== undefined, (query) => query.where('revision', 'in', revisions ?? []))
    .execute();
}
