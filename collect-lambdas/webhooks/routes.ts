import { MANAGING } from '../shared/access.ts';
import { CURSOR, jsonReply, PAGE, PAGE_LIMIT, ref, SAVED_AT } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  testWebhook,
} from './handler.ts';
import { deliveriesQuery, listQuery, newWebhook, webhookChanges } from './request.ts';

export const about =
  !process.env['BUNDLED'] &&
  'Webhooks: what happens to responses is sent to other systems, signed and at least once. docs/webhooks.md says how to receive.';

const WEBHOOK = {
  webhook_id: '0190d2f0-5d7a-7c3e-9a53-2f1d4b6c8e01',
  url: 'https://example.org/collect',
  events: ['flagged', 'corrected', 'reviewed', 'erased'],
  form_id: null,
  state: 'working',
  pending: 0,
  dead: 0,
  last_success_at: SAVED_AT,
  last_failure_at: null,
  last_failure: null,
  created_at: '2026-09-01T06:00:00.000Z',
  updated_at: '2026-09-01T06:00:00.000Z',
};

const DEAD_LETTER = {
  delivery_id: 17,
  event_id: 4711,
  type: 'corrected',
  response_id: 'household-17',
  revision: 2,
  form_id: 'household_finances',
  user_id: 'collector-1',
  occurred_at: SAVED_AT,
  attempts: 9,
  status: 'dead',
  due_at: '2026-09-04T06:01:02.345Z',
  reason: 'The receiver replied 500.',
};

const path = () => ({
  webhook_id: {
    description: 'The id of a webhook; `GET /webhooks` lists them.',
    schema: { type: 'string' },
    example: WEBHOOK.webhook_id,
  },
});

export const routes = {
  'POST /webhooks': route({
    roles: MANAGING,
    body: newWebhook,
    bodyLimit: 10_000,
    handle: createWebhook,
    docs: !process.env['BUNDLED'] && {
      operationId: 'createWebhook',
      summary: 'Create a webhook',
      description:
        'From now on each of these events is posted to `url`. Only this reply contains the secret, with which the receiver checks the signature; the database stores it encrypted. `form_id` limits the events to one form. The address must be public and speak HTTPS; it is checked again whenever an event is sent.',
      replies: {
        201: jsonReply('The webhook.', ref('CreatedWebhook'), {
          ...WEBHOOK,
          last_success_at: null,
          secret: 'whsec_example-example-example-example-example-exa',
        }),
      },
      problems: ['too-many-webhooks', 'unavailable'],
    },
  }),
  'GET /webhooks': route({
    roles: MANAGING,
    query: listQuery,
    handle: listWebhooks,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listWebhooks',
      summary: 'All webhooks',
      description: 'Newest first, each with its state and the numbers of its deliveries.',
      query: PAGE,
      replies: { 200: jsonReply('A page.', ref('WebhookPage'), { items: [WEBHOOK], next_cursor: null }) },
      problems: ['unavailable'],
      smoke: 'list-webhooks',
    },
  }),
  'GET /webhooks/{webhook_id}': route({
    roles: MANAGING,
    handle: getWebhook,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getWebhook',
      summary: 'A webhook',
      description:
        '`state` is `failing` if the last try failed, for the reason in `last_failure`. `pending` events wait for their next try; `dead` ones are tried no more.',
      path: path(),
      replies: { 200: jsonReply('The webhook.', ref('Webhook'), WEBHOOK) },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'PATCH /webhooks/{webhook_id}': route({
    roles: MANAGING,
    body: webhookChanges,
    bodyLimit: 10_000,
    handle: changeWebhook,
    docs: !process.env['BUNDLED'] && {
      operationId: 'changeWebhook',
      summary: 'Change a webhook',
      description:
        'Members that you leave out stay. `"active": false` switches it off: events that happen meanwhile are not sent later. Any change makes pending events due immediately.',
      path: path(),
      replies: { 200: jsonReply('The webhook.', ref('Webhook'), WEBHOOK) },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'DELETE /webhooks/{webhook_id}': route({
    roles: MANAGING,
    handle: deleteWebhook,
    docs: !process.env['BUNDLED'] && {
      operationId: 'deleteWebhook',
      summary: 'Delete a webhook',
      description: 'Its pending events and dead letters are deleted with it.',
      path: path(),
      replies: { 204: { description: 'The webhook is deleted.' } },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'POST /webhooks/{webhook_id}/test': route({
    roles: MANAGING,
    handle: testWebhook,
    docs: !process.env['BUNDLED'] && {
      operationId: 'testWebhook',
      summary: 'Send a test event',
      description:
        'Sends an event of the type `test` immediately, even if the webhook is switched off, and says whether the receiver took it. It is not tried again.',
      path: path(),
      replies: {
        200: jsonReply('The outcome of the test event.', ref('WebhookTest'), {
          delivered: false,
          status: 500,
          reason: 'The receiver replied 500.',
          milliseconds: 120,
        }),
      },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'GET /webhooks/{webhook_id}/deliveries': route({
    roles: MANAGING,
    query: deliveriesQuery,
    handle: listDeliveries,
    docs: !process.env['BUNDLED'] && {
      operationId: 'listDeliveries',
      summary: 'Pending events and dead letters',
      description:
        'Oldest first. `reason` says why the last try failed. An event that the receiver took is no longer listed.',
      path: path(),
      query: {
        status: {
          description: 'Events that will be tried (`pending`) or dead letters (`dead`).',
          schema: { type: 'string', enum: ['pending', 'dead'], default: 'pending' },
        },
        limit: PAGE_LIMIT,
        cursor: CURSOR,
      },
      replies: { 200: jsonReply('A page.', ref('DeliveryPage'), { items: [DEAD_LETTER], next_cursor: null }) },
      problems: ['not-found', 'unavailable'],
    },
  }),
  'POST /webhooks/{webhook_id}/redeliver': route({
    roles: MANAGING,
    handle: redeliver,
    docs: !process.env['BUNDLED'] && {
      operationId: 'redeliver',
      summary: 'Try the dead letters again',
      description:
        'Every dead letter of the webhook becomes pending, for three more days. `revision` tells the receiver which of two events of a response is the later one.',
      path: path(),
      replies: {
        202: jsonReply('How many.', ref('Redelivered'), { redelivered: 3 }),
      },
      problems: ['not-found', 'unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
