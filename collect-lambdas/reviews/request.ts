/** The requests for reviews. */
import * as z from 'zod';
import { isId, MAX_REVIEW_TEXT } from '../../db-proxy-lambda/contract.ts';
import { cursorOf, pageLimit } from '../shared/query.ts';

export const ACTIONS = ['comment', 'approve', 'return', 'reject'] as const;

const revision = z
  .int('Send the revision that you have seen, as a number.')
  .min(1, 'Send the revision that you have seen: 1 or more.')
  .optional();

/** The body of POST /responses/{response_id}/reviews. The handler checks which members an action needs. */
export const newReview = z.strictObject({
  action: z.enum(ACTIONS, `Send one of ${ACTIONS.join(', ')}.`),
  text: z
    .string('Send text.')
    .max(MAX_REVIEW_TEXT, `Send at most ${MAX_REVIEW_TEXT} characters.`)
    .refine((text) => text.trim() !== '', 'Send text, or leave it out.')
    .optional(),
  revision,
});

const userId = z.string('Send the user_id of a collector.').refine(isId, 'Send the user_id of a collector.');

/** The body of POST /responses/{response_id}/assign. */
export const newAssignment = z.strictObject({ user_id: userId, revision });

const position = cursorOf(z.int().min(1)).optional();

/** The parameters of GET /responses/{response_id}/reviews. */
export const reviewsQuery = { limit: pageLimit, cursor: position };

/** The parameters of GET /worklist. */
export const worklistQuery = {
  user_id: z.string().refine(isId, 'Send the user_id of a collector, or leave it out.').optional(),
  limit: pageLimit,
  cursor: position,
};
