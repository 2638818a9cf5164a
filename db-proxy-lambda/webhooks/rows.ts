import type { Generated } from 'kysely';
import type { WEBHOOK_EVENTS } from '../contract.ts';

export interface WebhooksTable {
  webhook_id: string;
  url: string;
  /** Encrypted by the API; the database never has the key. */
  secret: string;
  /** A JSON list of event types. */
  events: string;
  /** Only events of this form; null for every form. */
  form_id: string | null;
  /** 1, or 0 while it is switched off. */
  active: number;
  /** How many runs in a row found that the receiver fails; 0 after a success. */
  failures: number;
  /** No delivery is tried before this time; null if none is held back. */
  retry_at: string | null;
  last_success_at: string | null;
  last_failure_at: string | null;
  /** Why the last failure happened. */
  last_failure: string | null;
  created_at: string;
  updated_at: string;
}

/**
 * One row per webhook and event: a pending delivery, or a dead one, which is no longer tried. An event of a sheet has no
 * response: its ids are empty, and its numbers 0.
 */
export interface WebhookDeliveriesTable {
  id: Generated<number>;
  webhook_id: string;
  /** The event's number in the outbox. */
  event_id: number;
  type: (typeof WEBHOOK_EVENTS)[number];
  response_id: string;
  revision: number;
  form_id: string;
  user_id: string;
  occurred_at: string;
  /** The flags and the review, or what happened to the sheet, as JSON; null once the response is erased. */
  content: string | null;
  status: 'pending' | 'dead';
  attempts: number;
  due_at: string;
  /** A try that fails after this time is the last one. */
  expires_at: string;
  reason: string | null;
}

export interface WebhookTables {
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
}
