/** Operations on the audit: who changed or took out what. Other operations write it, as part of what they do. */
import * as z from 'zod';
import { count, serverTime } from '../values.ts';

export const AUDIT_ACTIONS = [
  'response_erased',
  'export_requested',
  'form_changed',
  'token_created',
  'token_revoked',
] as const;

const tokenId = z.uuid();
const sourceIp = z.string().max(45);

/**
 * Who asks for an operation: the token that the caller of the API showed, and the address that the call came from. An
 * operation without it was asked for past the API, by somebody who may invoke the proxy.
 */
export const by = z.object({ token_id: tokenId.nullable(), source_ip: sourceIp });

const auditEvent = z.object({
  id: count,
  at: serverTime,
  /** Null for what was done past the API, and for callers of a version of the API that did not pass it on. */
  token_id: tokenId.nullable(),
  /** The token's label at that time, or OPERATOR. */
  label: z.string().nullable(),
  action: z.enum(AUDIT_ACTIONS),
  subject_kind: z.enum(['response', 'export', 'form', 'token']),
  subject_id: z.string(),
  /** The version of a form, the table and target of an export, the role of a token. Never an answer. */
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
      /** Only events of this time or later. */
      since: serverTime.optional(),
      after: auditPosition.optional(),
      limit: z.int().min(1).max(100),
    }),
    result: z.object({ items: z.array(auditEvent), next: auditPosition.nullable() }),
  },
} as const;

export type AuditEvent = z.infer<typeof auditEvent>;
export type By = z.infer<typeof by>;
