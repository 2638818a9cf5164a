/** Operations on webhooks, and on their deliveries: the events that a receiver has not confirmed yet. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { pendingEvent } from '../outbox/contract.ts';
import { count, formId, holder, id, leaseSeconds, rowId, serverTime } from '../values.ts';

/** Events of a form's live sheet: it can no longer be written, or it is written again. */
export const SHEET_EVENTS = ['sheet_broken', 'sheet_mended'] as const;

/** The types of events that a webhook may ask for. */
export const WEBHOOK_EVENTS = ['flagged', 'accepted', 'corrected', 'reviewed', 'erased', ...SHEET_EVENTS] as const;

/** Each event is stored once for each webhook, so their number is limited. */
export const MAX_WEBHOOKS = 50;

export const MAX_WEBHOOK_URL = 2_000;

const webhookId = z.uuid();
const events = z.array(z.enum(WEBHOOK_EVENTS)).min(1).max(WEBHOOK_EVENTS.length);
const url = z.string().min(1).max(MAX_WEBHOOK_URL);
const sealedSecret = z.string().min(1).max(400);
const reason = z.string().max(500);

const webhook = z.object({
  webhook_id: webhookId,
  url,
  events,
  /** Only events of this form; null for every form. */
  form_id: formId.nullable(),
  /** `failing` if the last try failed. */
  state: z.enum(['working', 'failing', 'off']),
  /** Deliveries that wait for their next try. */
  pending: count,
  /** Dead letters. */
  dead: count,
  last_success_at: serverTime.nullable(),
  last_failure_at: serverTime.nullable(),
  last_failure: reason.nullable(),
  created_at: serverTime,
  updated_at: serverTime,
});

const delivery = z.object({
  delivery_id: rowId,
  /** The event's number in the outbox; null for an event of a sheet. */
  event_id: count.nullable(),
  type: z.enum(WEBHOOK_EVENTS),
  /** Null for an event of a sheet, like `revision` and `user_id`. */
  response_id: id.nullable(),
  revision: z.int().min(1).nullable(),
  form_id: formId,
  user_id: id.nullable(),
  occurred_at: serverTime,
  /** The tries so far. */
  attempts: count,
});

/** The content of an event about a live sheet. `error` says what is wrong and what to do; null if nothing is wrong. */
const sheetContent = z.object({
  sheet: z.object({ spreadsheet_id: z.string(), tab: z.string(), error: z.string().nullable() }),
});

const status = z.enum(['pending', 'dead']);
const deliveryState = { status, due_at: serverTime, reason: reason.nullable() };

/** The results of tries. `due_at` is the time of the next try, or null for a dead letter. */
const outcomes = z.object({
  delivered: z.array(rowId).max(1_000),
  failed: z.array(z.object({ delivery_id: rowId, reason, due_at: serverTime.nullable() })).max(1_000),
});

/** `now` is the worker's clock, which also sets the times of the next tries. */
const held = { webhook_id: webhookId, holder, now: serverTime };

export const webhookPosition = z.object({ created_at: serverTime, webhook_id: webhookId });

export const webhookOperations = {
  /**
   * Stores a webhook, unless MAX_WEBHOOKS are stored (`full`). A webhook that is stored already is returned unchanged.
   */
  createWebhook: {
    input: z.object({
      webhook_id: webhookId,
      url,
      secret: sealedSecret,
      events,
      form_id: formId.nullable(),
      by: by.optional(),
    }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('created'), webhook }),
      z.object({ outcome: z.literal('full') }),
    ]),
  },
  /** Newest first. */
  listWebhooks: {
    input: z.object({ limit: z.int().min(1).max(100), after: webhookPosition.optional() }),
    result: z.object({ items: z.array(webhook), next: webhookPosition.nullable() }),
  },
  /** `secret` is encrypted. */
  getWebhook: {
    input: z.object({ webhook_id: webhookId }),
    result: z.object({ found: z.object({ webhook, secret: sealedSecret }).nullable() }),
  },
  /** A change makes pending deliveries due; null if there is no such webhook. */
  updateWebhook: {
    input: z.object({
      webhook_id: webhookId,
      changes: z.object({ url, events, form_id: formId.nullable(), active: z.boolean() }).partial(),
      by: by.optional(),
    }),
    result: z.object({ webhook: webhook.nullable() }),
  },
  /** Deletes a webhook and its deliveries. Idempotent. */
  deleteWebhook: {
    input: z.object({ webhook_id: webhookId, by: by.optional() }),
    result: z.object({ deleted: z.boolean() }),
  },
  /** Oldest first. */
  listDeliveries: {
    input: z.object({ webhook_id: webhookId, status, limit: z.int().min(1).max(100), after: rowId.optional() }),
    result: z.object({ items: z.array(delivery.extend(deliveryState)), next: rowId.nullable() }),
  },
  /** Makes the dead letters of a webhook pending and due. */
  redeliver: {
    input: z.object({ webhook_id: webhookId }),
    result: z.object({ redelivered: count }),
  },
  /** The webhooks that have a delivery to try now. */
  listDueWebhooks: {
    input: z.object({ now: serverTime }),
    result: z.object({ webhook_ids: z.array(webhookId) }),
  },
  /**
   * Takes or renews the lease of a webhook, writes outcomes, and returns due deliveries with an id above `after`, oldest
   * first. A delivery is left out while an older one of the same response waits. `target` is null if the webhook is
   * deleted or switched off, or if nothing is to be sent to its receiver yet.
   */
  claimDeliveries: {
    input: z.object({ ...held, lease_seconds: leaseSeconds, after: count, limit: z.int().min(1).max(500), outcomes }),
    result: z.object({
      claimed: z.boolean(),
      target: z.object({ url, secret: sealedSecret, failures: count }).nullable(),
      deliveries: z.array(
        delivery.extend({
          expires_at: serverTime,
          /** Null once the response is erased. */
          content: z.union([pendingEvent.pick({ flags: true, rejudged: true, review: true }), sheetContent]).nullable(),
        }),
      ),
    }),
  },
  /**
   * Writes the last outcomes of a run and what it learned about the receiver, and releases the lease.
   *
   * @returns when the next delivery is due; null if none is pending. `expired` is the number of deliveries that became
   * dead letters because the receiver has failed until they expired, or because it is gone
   */
  finishDeliveries: {
    input: z.object({
      ...held,
      outcomes,
      /** The address that was tried. If a manager has changed it since, only `outcomes` count. */
      url: url.optional(),
      /** A delivery succeeded at this time. */
      succeeded_at: serverTime.optional(),
      failure: z.object({ at: serverTime, reason }).optional(),
      /** Set if the whole receiver fails: nothing is tried before this time. */
      retry_at: serverTime.optional(),
      /** Set if the receiver is gone for good: switches the webhook off. */
      gone: z.literal(true).optional(),
    }),
    result: z.object({ due_at: serverTime.nullable(), expired: count }),
  },
} as const;

export type Webhook = z.infer<typeof webhook>;
export type ClaimedDelivery = z.infer<typeof webhookOperations.claimDeliveries.result>['deliveries'][number];
export type SheetContent = z.infer<typeof sheetContent>;
export type DeliveryOutcomes = z.infer<typeof outcomes>;
