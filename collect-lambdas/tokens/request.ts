/** The requests of managers about tokens and the audit log. */
import * as z from 'zod';
import { AUDIT_ACTIONS, auditPosition, isId, ROLES, tokenPosition } from '../../db-proxy-lambda/contract.ts';
import { MAX_ID_LENGTH } from '../../forms/definition/metadata.ts';
import { idFault } from '../../forms/question-types/id.ts';
import { textFault } from '../../forms/values/text.ts';
import { cursorOf, pageLimit } from '../shared/query.ts';
import { time } from '../shared/time.ts';

export const MAX_DAYS = 366;
const DEFAULT_DAYS = 90;
const MAX_LABEL = 200;

/** Valid Unicode without control characters or line breaks. */
const isPlain = (text: string): boolean => textFault(text, { max_length: Infinity, multiline: false }) === undefined;

/** The body of POST /tokens. */
export const newToken = z.strictObject({
  role: z.enum(ROLES, `Send one of ${ROLES.join(', ')}.`),
  /** For collectors and devices only: an id that responses can have. */
  user_id: z
    .string('Send the user_id as text.')
    .superRefine((text, context) => {
      const message = idFault(text, MAX_ID_LENGTH);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  label: z
    .string('Send text.')
    .max(MAX_LABEL, `Send at most ${MAX_LABEL} characters.`)
    .refine(isPlain, 'Send text without control characters.')
    .optional(),
  expires_in_days: z
    .int(`Send a whole number of days from 1 to ${MAX_DAYS}.`)
    .min(1, `Send at least 1 day.`)
    .max(MAX_DAYS, `Send at most ${MAX_DAYS} days; create a new token after that.`)
    .default(DEFAULT_DAYS),
});

/** The parameters of GET /tokens. */
export const listQuery = {
  role: z.enum(ROLES, `Send one of ${ROLES.join(', ')}.`).optional(),
  user_id: z.string().refine(isId, 'Send the id of a collector, or leave it out.').optional(),
  limit: pageLimit,
  cursor: cursorOf(tokenPosition).optional(),
};

/** The parameters of GET /audit. */
export const auditQuery = {
  action: z.enum(AUDIT_ACTIONS, `Send one of ${AUDIT_ACTIONS.join(', ')}.`).optional(),
  token_id: z.uuid('Send the token_id of a token; GET /tokens lists them.').optional(),
  subject_id: z.string().refine(isId, 'Send the id of a response, an export, a form, a token or a webhook.').optional(),
  since: time.optional(),
  limit: pageLimit,
  cursor: cursorOf(auditPosition).optional(),
};
