/** The audit: these actions, each with its caller. Other operations record them, in their own transactions. */
import * as z from 'zod';
import { count, serverTime } from '../values.ts';

export const AUDIT_ACTIONS = [
  'response_erased',
  'response_reviewed',
  'export_requested',
  'rejudge_requested',
  'form_changed',
  'form_deleted',
  'live_sheet_changed',
  'live_sheet_ended',
  'token_created',
  'token_revoked',
  'webhook_created',
  'webhook_changed',
  'webhook_deleted',
] as const;

const tokenId = z.uuid();
const sourceIp = z.string().max(45);

/** The caller of the API: token and address. Absent in direct invocations of the proxy. */
export const by = z.object({ token_id: tokenId.nullable(), source_ip: sourceIp });

const auditEvent = z.object({
  id: count,
  at: serverTime,
  /** Null for direct invocations of the proxy, and for calls by an earlier release of the API, which sent no token id. */
  token_id: tokenId.nullable(),
  /** The token's label at that time; `operator` for direct invocations. */
  label: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  subject_kind: z.enum(['response', 'export', 'form', 'token', 'webhook']),
  subject_id: z.string(),
  /**
   * The version of a form, for a re-judge also its `since`, the table and target of an export, the role and collector
   * of a token, the host of a webhook, the spreadsheet and tab of a live sheet, the action and revision of a review.
   * Never an answer.
   */
  detail: z.string().nullable(),
  source_ip: sourceIp.nullable(),
});

export const auditPosition = z.object({ at: serverTime, id: count });

export const auditOperations = {
  /** Newest first. */
  listAuditEvents: {
    input: z.object({
      action: z.enum(AUDIT_ACTIONS).optional(),
      token_id: tokenId.optional(),
      subject_id: z.string().min(1).max(128).optional(),
      /** Excludes earlier events. */
      since: serverTime.optional(),
      after: auditPosition.optional(),
      limit: z.int().min(1).max(100),
    }),
    result: z.object({ items: z.array(auditEvent), next: auditPosition.nullable() }),
  },
} as const;

export type AuditEvent = z.infer<typeof auditEvent>;
export type By = z.infer<typeof by>;
