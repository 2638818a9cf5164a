/** The audit in words: docs/api.md, "The audit". */
import type { RouteLocationRaw } from 'vue-router';
import type { components, operations } from '../../../shared/openapi.d.ts';

export type AuditEvent = components['schemas']['AuditPage']['items'][number];
export type AuditQuery = NonNullable<operations['listAudit']['parameters']['query']>;
export type AuditAction = AuditEvent['action'];

export const ACTIONS: Readonly<Record<AuditAction, string>> = {
  response_reviewed: 'reviewed a response',
  response_erased: 'erased a response',
  export_requested: 'requested an export',
  form_changed: 'changed a form',
  form_deleted: 'deleted a form',
  rejudge_requested: 'started a re-judge',
  live_sheet_changed: 'chose a live sheet',
  live_sheet_ended: 'ended a live sheet',
  token_created: 'created a token',
  token_revoked: 'revoked a token',
  webhook_created: 'created a webhook',
  webhook_changed: 'changed a webhook',
  webhook_deleted: 'deleted a webhook',
};

export const isAction = (text: string): text is AuditAction => Object.hasOwn(ACTIONS, text);

/** The page that shows the subject of an event. */
export function subjectLink({ subject_kind: kind, subject_id: id }: AuditEvent): RouteLocationRaw {
  const links: Readonly<Record<AuditEvent['subject_kind'], RouteLocationRaw>> = {
    response: `/responses/${encodeURIComponent(id)}`,
    form: { path: `/forms/${id}`, query: { form: id } },
    export: '/exports',
    webhook: { path: '/people', query: { tab: 'webhooks' } },
    token: { path: '/people', query: { tab: 'tokens' } },
  };
  return links[kind];
}

const SHOWN_CHARACTERS = 8;

/** The name that is shown: ids that people choose are shown whole, others are shortened. */
export const nameOfSubject = ({ subject_kind: kind, subject_id: id }: AuditEvent): string =>
  kind === 'form' || kind === 'response' ? id : `${kind} ${id.slice(0, SHOWN_CHARACTERS)}`;
