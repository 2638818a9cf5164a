/** The requests of managers about webhooks. */
import * as z from 'zod';
import { isFormId, WEBHOOK_EVENTS, webhookPosition } from '../../db-proxy-lambda/contract.ts';
import { cursorOf, pageLimit } from '../shared/query.ts';

const url = z.string('Send the address of the receiver as text.');
const events = z
  .array(
    z.enum(WEBHOOK_EVENTS, `Send some of ${WEBHOOK_EVENTS.join(', ')}.`),
    `Send a list of the events to receive: some of ${WEBHOOK_EVENTS.join(', ')}.`,
  )
  .min(1, `Send at least one of ${WEBHOOK_EVENTS.join(', ')}.`)
  .max(WEBHOOK_EVENTS.length, 'Name each event once.');
const formId = z
  .string('Send the id of a form, or null for every form.')
  .refine(isFormId, 'Send the id of a form; GET /forms lists them.')
  .nullable();

/** The body of POST /webhooks. */
export const newWebhook = z.strictObject({ url, events, form_id: formId.optional() });

/** The body of PATCH /webhooks/{webhook_id}. */
export const webhookChanges = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  form_id: formId.optional(),
  active: z.boolean('Send true or false.').optional(),
});

/** The parameters of GET /webhooks. */
export const listQuery = { limit: pageLimit, cursor: cursorOf(webhookPosition).optional() };

/** The parameters of GET /webhooks/{webhook_id}/deliveries. */
export const deliveriesQuery = {
  status: z.enum(['pending', 'dead'], 'Send pending or dead.').default('pending'),
  limit: pageLimit,
  cursor: cursorOf(z.int().min(1)).optional(),
};
