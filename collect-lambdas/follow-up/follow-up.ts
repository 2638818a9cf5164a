/** Converts a response's event into the change of its task. Pure. The proxy ignores outdated events. */
import { MAX_DESCRIPTION, type Input } from '../../db-proxy-lambda/contract.ts';
import type { ResponseEvent } from '../shared/response-event.ts';

export type FollowUp = Input<'followUpResponse'>;

const TYPES = {
  flagged: 'flagged',
  corrected: 'corrected',
  accepted: 'accepted',
  approve: 'approved',
  return: 'returned',
  reject: 'rejected',
  assign: 'assigned',
  comment: undefined,
  erased: undefined,
  reviewed: undefined,
} as const;

/** The proxy's input for an event; undefined if it affects no task, such as a first revision that passes. */
export function toFollowUp(event: ResponseEvent): FollowUp | undefined {
  const type = TYPES[event.review?.action ?? event.type];
  if (type === undefined || (type === 'accepted' && event.revision === 1)) return undefined;
  return {
    response_id: event.response_id,
    revision: event.revision,
    type,
    ...(event.review !== undefined && { review_id: event.review.review_id }),
    user_id: event.user_id,
    task_date: event.occurred_at.slice(0, 10),
    description: describe(event),
  };
}

/** The description: what a manager wrote, or one line for each flag. Messages have figures, which managers need. */
function describe({ type, revision, flags, review }: ResponseEvent): string {
  if (review !== undefined) return `Returned by ${review.author}: ${review.text ?? ''}`;
  if (type !== 'flagged') return `Revision ${revision} of the response passes its form's rules.`;
  if (flags.length === 0) return `Revision ${revision} of the response is flagged.`;
  const text = flags.map(({ rule, message }) => `${rule}: ${message}`).join('\n');
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1).toWellFormed()}…`;
}
