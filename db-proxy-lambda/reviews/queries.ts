import type { Kysely, Transaction } from 'kysely';
import type { ResponsesTable } from '../responses/rows.ts';
import { IDS_PER_LOOKUP, inChunks } from '../database/chunks.ts';
import { cutPage } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { IncomingReview, StoredReview } from './contract.ts';
import type { ReviewsTable } from './rows.ts';

export const reviewColumns = [
  'review_id',
  'response_id',
  'revision',
  'action',
  'text',
  'status',
  'author',
  'assignee',
  'applied',
  'created_at',
] as const satisfies (keyof ReviewsTable)[];

/** The columns of a response that reviews read and change. */
const stateColumns = [
  'response_id',
  'form_id',
  'user_id',
  'revision',
  'status',
  'last_modified_time',
  'assignee',
  'collected_by',
  'revised_at',
  'updated_at',
] as const satisfies (keyof ResponsesTable)[];

export type ReviewedState = Pick<ResponsesTable, (typeof stateColumns)[number]>;

/** The stored rows on which the outcome of reviews depends. */
export interface Stored {
  /** The responses, by id, locked until the transaction ends: reviews and saves of one response follow each other. */
  states: Map<string, ReviewedState>;
  /** The stored reviews that have the id of a review to save, by id. */
  rows: Map<string, ReviewRow>;
  /** The labels of the authors' tokens, by token. */
  labels: Map<string, string>;
}

/**
 * Reads the rows on which the outcome of one review depends. One statement is enough, unless the review's id is stored
 * or the review looks stale.
 */
export async function lockForReview(
  trx: Transaction<Schema>,
  { response_id: responseId, review_id: reviewId, revision, by }: IncomingReview,
): Promise<Stored> {
  const tokenId = by?.token_id ?? '';
  // Subqueries are not locked.
  const found = await lockedStates(trx, [responseId])
    .select((eb) => [
      eb.selectFrom('tokens').select('label').where('token_id', '=', tokenId).as('label'),
      eb.selectFrom('reviews').select('review_id').where('review_id', '=', reviewId).as('known'),
    ])
    .executeTakeFirst();
  const stored: Stored = { states: new Map(), rows: new Map(), labels: new Map() };
  if (found === undefined) return stored;
  const { label, known, ...state } = found;
  stored.states.set(responseId, state);
  if (label !== null) stored.labels.set(tokenId, label);
  // The subquery may have run before the lock: if the review looks stale, it may have been stored meanwhile.
  const isStale = revision !== undefined && revision !== state.revision;
  if (known !== null || isStale) stored.rows = await findByReviewIds(trx, [reviewId]);
  return stored;
}

function lockedStates(trx: Transaction<Schema>, responseIds: readonly string[]) {
  return trx.selectFrom('responses').select(stateColumns).where('response_id', 'in', responseIds).forUpdate();
}

/** These responses, locked until the transaction ends. */
export async function lockReviewed(
  trx: Transaction<Schema>,
  responseIds: readonly string[],
): Promise<Map<string, ReviewedState>> {
  // Sorted, so that two batches that share responses lock them in the same order.
  const ids = [...new Set(responseIds)].toSorted();
  const states = new Map<string, ReviewedState>();
  for (const some of inChunks(ids, IDS_PER_LOOKUP)) {
    for (const row of await lockedStates(trx, some).execute()) states.set(row.response_id, row);
  }
  return states;
}

export async function findByReviewIds(
  db: Kysely<Schema>,
  reviewIds: readonly string[],
): Promise<Map<string, ReviewRow>> {
  const found = new Map<string, ReviewRow>();
  for (const some of inChunks([...new Set(reviewIds)], IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('reviews')
      .select([...reviewColumns, 'content_hash'])
      .where('review_id', 'in', some)
      .execute();
    for (const row of rows) found.set(row.review_id, row);
  }
  return found;
}

/** The columns that identify a repeated review, and the columns that a reply shows. */
export type ReviewRow = Pick<ReviewsTable, (typeof reviewColumns)[number] | 'content_hash'>;

export async function insertReview(trx: Transaction<Schema>, row: Omit<ReviewsTable, 'id'>): Promise<void> {
  await trx.insertInto('reviews').values(row).execute();
}

/** Changes a locked response. The revision stays, with its time and its collector. */
export async function updateReviewed(
  trx: Transaction<Schema>,
  {
    response_id: responseId,
    ...state
  }: Pick<
    ReviewedState,
    'response_id' | 'status' | 'user_id' | 'assignee' | 'collected_by' | 'revised_at' | 'updated_at'
  >,
): Promise<void> {
  await trx.updateTable('responses').set(state).where('response_id', '=', responseId).execute();
}

/** The applied decisions and assignments of these responses, oldest first. */
export async function findReviewsOf(
  db: Kysely<Schema>,
  responseIds: readonly string[],
): Promise<
  Pick<
    ReviewsTable,
    'response_id' | 'revision' | 'action' | 'status_before' | 'user_before' | 'created_at' | 'saved_at'
  >[]
> {
  const found = [];
  for (const some of inChunks(responseIds, IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('reviews')
      .select(['response_id', 'revision', 'action', 'status_before', 'user_before', 'created_at', 'saved_at'])
      .where('response_id', 'in', some)
      .where('applied', '=', 1)
      .where('action', '!=', 'comment')
      .orderBy('id')
      .execute();
    found.push(...rows);
  }
  return found;
}

export function findOwner(
  db: Kysely<Schema>,
  responseId: string,
): Promise<Pick<ResponsesTable, 'user_id' | 'status'> | undefined> {
  return db
    .selectFrom('responses')
    .select(['user_id', 'status'])
    .where('response_id', '=', responseId)
    .executeTakeFirst();
}

/** A page of the reviews of a response. */
export async function listReviewsOf(
  db: Kysely<Schema>,
  responseId: string,
  after: number,
  limit: number,
): Promise<{ items: StoredReview[]; next: number | null }> {
  const rows = await db
    .selectFrom('reviews')
    .select(['id', ...reviewColumns])
    .where('response_id', '=', responseId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const { items, next } = cutPage(rows, limit, ({ id }) => id);
  return { items: items.map(toReview), next };
}

/** The rows with these ids, in any order. */
export function findReviews(
  db: Kysely<Schema>,
  ids: readonly number[],
): Promise<(Pick<ReviewsTable, (typeof reviewColumns)[number] | 'token_id' | 'saved_at'> & { id: number })[]> {
  return db
    .selectFrom('reviews')
    .select(['id', ...reviewColumns, 'token_id', 'saved_at'])
    .where('id', 'in', ids)
    .execute();
}

export async function deleteReviews(trx: Transaction<Schema>, responseId: string): Promise<void> {
  await trx.deleteFrom('reviews').where('response_id', '=', responseId).execute();
}

export function toReview(row: Pick<ReviewsTable, (typeof reviewColumns)[number]>): StoredReview {
  return {
    review_id: row.review_id,
    response_id: row.response_id,
    revision: row.revision,
    action: row.action,
    text: row.text,
    status: row.status,
    author: row.author,
    assignee: row.assignee,
    applied: row.applied === 1,
    created_at: row.created_at,
  };
}
