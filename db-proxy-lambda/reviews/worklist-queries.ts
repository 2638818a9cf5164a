/** The worklist: responses that wait for their collector. */
import type { Kysely } from 'kysely';
import type { Input, Result } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { ANY_DRAFT, bytesOf, stateColumns, toStored } from '../responses/queries.ts';
import type { StoredReview } from './contract.ts';
import { reviewColumns, toReview } from './queries.ts';

/** Max reviews of an item: the newest ones. GET /responses/{response_id}/reviews lists all. */
const MAX_REVIEWS = 20;

/** One statement for each status reads in the order of an index; a list of statuses would be sorted. */
const OPEN = ['flagged', 'returned'] as const;

export async function listWork(
  db: Kysely<Schema>,
  { user_id: userId, after = 0, limit }: Input<'listWork'>,
): Promise<Result<'listWork'>> {
  const open = (status: (typeof OPEN)[number]) =>
    db
      .selectFrom('responses')
      .where('status', '=', status)
      .where('form_id', 'not like', ANY_DRAFT)
      .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''));
  const keys: number[] = [];
  for (const status of OPEN) {
    const rows = await open(status)
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    keys.push(...rows.map(({ id }) => id));
  }
  const first = keys.toSorted((one, other) => one - other).slice(0, limit + 1);
  const { page, next } = await readByKeys(first, limit, (id) => id, {
    read: async (ids) => {
      const rows = await db
        .selectFrom('responses')
        .select(['id', ...stateColumns, 'updated_at as saved_at'])
        .where('id', 'in', ids)
        .where('status', 'in', OPEN)
        .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
        .execute();
      const reviews = await findReviewsOfAnswers(db, ids);
      return rows.map((row) => ({ ...row, reviews: (reviews.get(row.response_id) ?? []).slice(-MAX_REVIEWS) }));
    },
    nameOf: (row) => row.id,
    bytesOf: (row) => bytesOf(row) + Buffer.byteLength(JSON.stringify(row.reviews)),
  });
  return { items: page.map(({ id: _id, reviews, ...row }) => ({ ...toStored(row), reviews })), next };
}

/**
 * The applied reviews of the current answers of these responses, oldest first. Re-judging and late files make new revisions
 * of the same answers, and the reviews stay.
 */
async function findReviewsOfAnswers(db: Kysely<Schema>, ids: readonly number[]): Promise<Map<string, StoredReview[]>> {
  const rows = await db
    .selectFrom('reviews')
    .innerJoin('responses', 'responses.response_id', 'reviews.response_id')
    .select(reviewColumns.map((column) => `reviews.${column}` as const))
    .where('responses.id', 'in', ids)
    .where('reviews.applied', '=', 1)
    .where((eb) =>
      eb(
        'reviews.revision',
        '>=',
        eb.fn.coalesce(
          eb
            .selectFrom('response_revisions')
            .select((inner) => inner.fn.min('response_revisions.revision').as('first'))
            .whereRef('response_revisions.response_id', '=', 'responses.response_id')
            .whereRef('response_revisions.content_hash', '=', 'responses.content_hash'),
          'responses.revision',
        ),
      ),
    )
    .orderBy('reviews.id')
    .execute();
  return Map.groupBy(rows.map(toReview), ({ response_id: id }) => id);
}
