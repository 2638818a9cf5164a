/** The queries for stored responses. */
import * as z from 'zod';
import { isId, isStoredFormId, latePosition, listPosition, STORED_STATUSES } from '../../db-proxy-lambda/contract.ts';
import { cursorOf, pageLimit } from '../shared/query.ts';
import { time } from '../shared/time.ts';

export const id = z
  .string()
  .refine(isId, 'Send an id of 1 to 128 characters without spaces around it, or leave it out.');

/** The parameters of GET /responses. */
export const listQuery = {
  status: z.enum(STORED_STATUSES, `Send one of ${STORED_STATUSES.join(', ')}.`).optional(),
  user_id: id.optional(),
  form_id: z.string().refine(isStoredFormId, 'Send the id of a form; GET /forms lists them.').optional(),
  updated_since: time.optional(),
  limit: pageLimit,
  cursor: cursorOf(listPosition).optional(),
};

/** Where a page of a response's history begins: after a revision, or after a late response (null: at the first). */
export const historyPosition = z.union([
  z.object({ after_revision: z.int().min(1) }),
  z.object({ late: latePosition.nullable() }),
]);
export type HistoryPosition = z.infer<typeof historyPosition>;

/** The parameters of GET /responses/{response_id}/revisions. */
export const historyQuery = { cursor: cursorOf(historyPosition).optional() };

/** The submission after which a page of a response's submissions begins. */
const submissionPosition = z.object({ received_at: z.string(), instance_id: z.string() });
export type SubmissionPosition = z.infer<typeof submissionPosition>;

/** The parameters of GET /responses/{response_id}/submissions. */
export const submissionsQuery = { cursor: cursorOf(submissionPosition).optional() };
