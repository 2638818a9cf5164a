/** Webhooks in words: docs/webhooks.md. */
import type { components, operations } from '../../../shared/openapi.d.ts';

export type Webhook = components['schemas']['Webhook'];
export type NewWebhookBody = operations['createWebhook']['requestBody']['content']['application/json'];
export type WebhookEvent = Webhook['events'][number];

export const EVENTS: Readonly<Record<WebhookEvent, string>> = {
  flagged: 'Flagged: a response came with flags',
  corrected: 'Corrected: a flagged response passes now',
  accepted: 'Accepted: a response passes',
  reviewed: 'Reviewed: a comment, a decision or an assignment',
  erased: 'Erased: the answers of a response were deleted',
  sheet_broken: 'Sheet broken: the live sheet of a form can no longer be written',
  sheet_mended: 'Sheet mended: the live sheet is written again',
};

export const STATES: Readonly<Record<Webhook['state'], string>> = {
  working: '✓ Working',
  failing: '⚠ Failing',
  off: '✕ Switched off',
};
