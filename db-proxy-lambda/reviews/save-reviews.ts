import type { Transaction } from 'kysely';
import { shareFiles } from '../attachments/queries.ts';
import { OPERATOR, recordEvent } from '../audit/queries.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';
import { insertResponseEvents, type NewEvent } from '../outbox/queries.ts';
import { nameTokens } from '../tokens/queries.ts';
import type { IncomingReview, ReviewOutcome } from './contract.ts';
import { decideReview, kindOf, otherId, type NewReview } from './decide-review.ts';
import {
  findByReviewIds,
  findReviewsOf,
  insertReview,
  lockForReview,
  lockReviewed,
  toReview,
  updateReviewed,
  type ReviewedState,
  type ReviewRow,
  type Stored,
} from './queries.ts';
import type { ReviewsTable } from './rows.ts';

/**
 * Saves reviews, with the same outcome as if each were sent alone, in order. The responses are locked first. So a new
 * revision is saved either before a review, which is then stale, or after the review; then the rules decide the status
 * again.
 */
export const saveReviews: OperationHandler<'saveReviews'> = (database, { reviews, late = false }) =>
  inTransaction(database, async (trx) => {
    const [only] = reviews;
    const isOne = only !== undefined && reviews.length === 1 && !late;
    const { states, rows, labels } = isOne ? await lockForReview(trx, only) : await lockForReviews(trx, reviews);
    const { decided, handovers } = late ? await readPast(trx, [...states.keys()]) : nothingPast();
    let writtenAt: string | undefined;
    const now = () => (writtenAt ??= new Date().toISOString());
    const events: NewEvent[] = [];
    const results: ReviewOutcome[] = [];
    for (const review of reviews) {
      const stored = states.get(review.response_id);
      const decidedAt = stored && decided.get(kindOf(review, stored.revision));
      // An acknowledged comment counts even if the response was assigned to another collector since.
      const ownerThen = late ? ownerAt(handovers, review) : undefined;
      const decision = decideReview(stored, review, { reviewOf: (id) => rows.get(id), late, decidedAt, ownerThen });
      if ('refusal' in decision) results.push(decision.refusal);
      else if ('known' in decision) results.push({ outcome: 'unchanged', review: toReview(decision.known) });
      else if (stored !== undefined) {
        const { store } = decision;
        const row = toRow(review, store, authorOf(review, labels));
        await writeReview(trx, review, { row, store, stored, labels }, now());
        rows.set(row.review_id, row);
        if (store.applied) {
          events.push(toEvent(row));
          const next = stateAfter(stored, review, store, now());
          if (next !== undefined) {
            await updateReviewed(trx, next);
            if (next.user_id !== stored.user_id) await shareFiles(trx, stored.response_id, stored.user_id);
            states.set(review.response_id, { ...stored, ...next });
            decided.set(kindOf(review, stored.revision), review.sent_at);
            handovers.push({ response_id: stored.response_id, user_before: stored.user_id, saved_at: now() });
          }
        }
        results.push({ outcome: store.applied ? 'created' : 'kept', review: toReview(row) });
      }
    }
    await insertResponseEvents(trx, events, now());
    return { results };
  });

async function lockForReviews(trx: Transaction<Schema>, reviews: readonly IncomingReview[]): Promise<Stored> {
  const states = await lockReviewed(
    trx,
    reviews.map((each) => each.response_id),
  );
  const rows = await findByReviewIds(
    trx,
    reviews.flatMap((each) => [each.review_id, otherId(each)]),
  );
  const tokenIds = reviews.flatMap(({ by }) => by?.token_id ?? []);
  return { states, rows, labels: await nameTokens(trx, tokenIds) };
}

/** Earlier decisions about responses: read before late reviews are saved, and extended by each review that is applied. */
interface Past {
  /** When the last applied decision about each revision, and the last assignment of each response, were sent. */
  decided: Map<string, string>;
  /** The collectors of responses before each decision and assignment, oldest first. */
  handovers: Pick<ReviewsTable, 'response_id' | 'user_before' | 'saved_at'>[];
}

function nothingPast(): Past {
  return { decided: new Map(), handovers: [] };
}

async function readPast(trx: Transaction<Schema>, responseIds: readonly string[]): Promise<Past> {
  const { decided, handovers } = nothingPast();
  for (const review of await findReviewsOf(trx, responseIds)) {
    const kind = kindOf(review, review.revision);
    if (review.created_at > (decided.get(kind) ?? '')) decided.set(kind, review.created_at);
    handovers.push(review);
  }
  return { decided, handovers };
}

/** The collector of the response when the review was sent; undefined if nothing was decided since. */
function ownerAt(
  handovers: Past['handovers'],
  { response_id: responseId, sent_at: at }: IncomingReview,
): string | undefined {
  return handovers.find((each) => each.response_id === responseId && each.saved_at > at)?.user_before;
}

/**
 * The label of the author's token, or the token's id if it has no label; `unknown` if an earlier release of the API sent
 * no token id. Direct invocations of the proxy have the author {@link OPERATOR}.
 */
function authorOf({ by }: IncomingReview, labels: ReadonlyMap<string, string>): string {
  if (by === undefined) return OPERATOR;
  return by.token_id === null ? 'unknown' : (labels.get(by.token_id) ?? by.token_id);
}

function toRow(review: IncomingReview, { reviewId, revision, applied, after }: NewReview, author: string): ReviewRow {
  return {
    review_id: reviewId,
    content_hash: review.content_hash,
    response_id: review.response_id,
    revision,
    action: review.action,
    text: review.text,
    assignee: review.assignee ?? null,
    status: after,
    author,
    applied: applied ? 1 : 0,
    created_at: review.sent_at,
  };
}

/** Writes a review and its entry in the audit. */
async function writeReview(
  trx: Transaction<Schema>,
  { by }: IncomingReview,
  { row, store, stored, labels }: Pick<Stored, 'labels'> & { row: ReviewRow; store: NewReview; stored: ReviewedState },
  now: string,
): Promise<void> {
  await insertReview(trx, {
    ...row,
    status_before: store.before,
    user_before: stored.user_id,
    token_id: by?.token_id ?? null,
    saved_at: now,
  });
  const detail = `${row.action}, revision ${row.revision}${store.applied ? '' : ', not applied'}`;
  await recordEvent(trx, by, { at: now, action: 'response_reviewed', subject_id: row.response_id, detail }, labels);
}

/** The columns that an applied review changes; undefined for a comment. */
function stateAfter(
  stored: ReviewedState,
  { action, assignee }: IncomingReview,
  { after }: NewReview,
  now: string,
): Omit<ReviewedState, 'form_id' | 'revision' | 'last_modified_time'> | undefined {
  if (action === 'comment') return undefined;
  const { form_id: _form, revision: _revision, last_modified_time: _time, ...state } = stored;
  const changed = { ...state, status: after, revised_at: stored.revised_at ?? stored.updated_at, updated_at: now };
  if (assignee === undefined) return changed;
  const collector = stored.collected_by ?? stored.user_id;
  return { ...changed, user_id: assignee, assignee, collected_by: collector === assignee ? null : collector };
}

function toEvent({ response_id, revision, review_id, action, status, text, author, assignee }: ReviewRow): NewEvent {
  const review = { review_id, action, status, text, author, ...(assignee !== null && { assignee }) };
  return { response_id, revision, review };
}
