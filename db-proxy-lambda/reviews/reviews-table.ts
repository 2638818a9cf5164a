import { tableOfRows } from '../exports/table-of-rows.ts';
import { findReviews } from './queries.ts';

/** Reviews and assignments, in the order in which they were saved. */
export const reviewsTable = tableOfRows({
  name: 'reviews',
  timeColumn: 'saved_at',
  timeIndex: 'reviews_by_time',
  title: 'Reviews and assignments of responses',
  columns: [
    ['review_id', 'text', (review) => review.review_id],
    ['response_id', 'text', (review) => review.response_id],
    ['revision', 'number', (review) => review.revision],
    ['action', 'text', (review) => review.action],
    ['text', 'text', (review) => review.text],
    ['assignee', 'text', (review) => review.assignee],
    ['status', 'text', (review) => review.status],
    ['author', 'text', (review) => review.author],
    ['token_id', 'text', (review) => review.token_id],
    ['applied', 'boolean', (review) => review.applied === 1],
    ['created_at', 'time', (review) => review.created_at],
    ['saved_at', 'time', (review) => review.saved_at],
  ],
  read: findReviews,
  bytesOf: ({ text }) => Buffer.byteLength(text ?? ''),
  stateOf: ({ saved_at }) => ({ saved_at }),
});
