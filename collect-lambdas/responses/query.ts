/** The queries for stored responses. */
import * as z from 'zod';
import {
  browsePosition,
  EVER,
  isId,
  isStoredFormId,
  latePosition,
  listPosition,
  MAX_TEXT,
  STORED_STATUSES,
} from '../../db-proxy-lambda/contract.ts';
import { cursorOf, pageLimit } from '../shared/query.ts';
import { time } from '../shared/time.ts';

export const id = z
  .string()
  .refine(isId, 'Send an id of 1 to 128 characters without spaces around it, or leave it out.');

const statuses = z.array(z.enum(STORED_STATUSES)).min(1);

const TEXT_ADVICE = `Send 1 to ${MAX_TEXT} characters without blanks around them.`;

/** The parameters of GET /responses. `rule` and those below it need `order=newest`. */
export const listQuery = {
  order: z.literal('newest', 'Send newest, or leave it out.').optional(),
  status: z
    .string()
    .transform((text, context) => {
      const parsed = statuses.safeParse(text.split(','));
      if (parsed.success) return parsed.data;
      const message = `Send one of ${STORED_STATUSES.join(', ')}, or with order=newest several, with commas between them.`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .optional(),
  user_id: id.optional(),
  form_id: z.string().refine(isStoredFormId, 'Send the id of a form; GET /forms lists them.').optional(),
  updated_since: time.optional(),
  rule: z.string().min(1, 'Send the name of a rule.').optional(),
  ever: z.enum(EVER, `Send ${EVER.join(' or ')}, or leave it out.`).optional(),
  text: z
    .string()
    .min(1, TEXT_ADVICE)
    .max(MAX_TEXT, TEXT_ADVICE)
    .refine((text) => text === text.trim(), TEXT_ADVICE)
    .optional(),
  from: time.optional(),
  to: time.optional(),
  count: z.literal('true', 'Send true, or leave it out.').optional(),
  limit: pageLimit,
  cursor: cursorOf(z.union([listPosition, browsePosition])).optional(),
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
