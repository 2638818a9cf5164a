/**
 * The operations of the db-proxy. Other Lambdas import no other file of this folder.
 *
 * A request is `{ operation, input }`; a reply is `{ ok: true, result }` or `{ ok: false, error: { code, message } }`. Each
 * operation has a schema for its input and one for its result, in its feature's contract. No operation takes SQL.
 */
import type * as z from 'zod';
import { attachmentOperations } from './attachments/contract.ts';
import { auditOperations } from './audit/contract.ts';
import { birthdayOperations } from './birthdays/contract.ts';
import { exportOperations } from './exports/contract.ts';
import { formOperations } from './forms/contract.ts';
import { leaseOperations } from './leases/contract.ts';
import { liveSheetOperations } from './live-sheets/contract.ts';
import { metricOperations } from './metrics/contract.ts';
import { outboxOperations } from './outbox/contract.ts';
import { qualityOperations } from './quality/contract.ts';
import { rejudgeOperations } from './rejudges/contract.ts';
import { responseOperations } from './responses/contract.ts';
import { reviewOperations } from './reviews/contract.ts';
import { schemaOperations } from './schema/contract.ts';
import { taskOperations } from './tasks/contract.ts';
import { directoryOperations } from './tasks/directory-contract.ts';
import { tokenOperations } from './tokens/contract.ts';
import { webhookOperations } from './webhooks/contract.ts';

export { type AttachedFile, attachedFile, MAX_ATTACHMENTS } from './attachments/contract.ts';
export { AUDIT_ACTIONS, auditPosition, type By } from './audit/contract.ts';
export { USERNAME_LENGTH } from './birthdays/contract.ts';
export {
  type Cell,
  type Column,
  type ExportBound,
  exportPosition,
  type FileResult,
  type SheetResult,
  type StoredExport,
  SYSTEM_TABLES,
  type TableDescription,
} from './exports/contract.ts';
export { type LiveSheet, liveSheetLease, MAX_LIVE_CHANGES } from './live-sheets/contract.ts';
export { SNAPSHOT_MARKERS, type StoredForm } from './forms/contract.ts';
export {
  type Area,
  type AreaMetric,
  type CountryDay,
  type CountryMetrics,
  type Indicator,
  INDICATORS,
  METRIC_LIMITS,
  type MetricSeries,
  SAMPLE,
} from './metrics/contract.ts';
export { type EventReview, OUTBOX_LEASE, type PendingEvent, REVIEW_ACTIONS } from './outbox/contract.ts';
export { QUALITY_KEYS, type QualityRow, qualityRow } from './quality/contract.ts';
export {
  type BrowsePosition,
  browsePosition,
  EVER,
  type IncomingResponse,
  type LateRevision,
  latePosition,
  type ListPosition,
  listPosition,
  MAX_TEXT,
  type SaveOutcome,
  type StoredRevision,
} from './responses/contract.ts';
export {
  type IncomingReview,
  MAX_REVIEW_TEXT,
  type ReviewOutcome,
  type StoredReview,
  type WorkItem,
} from './reviews/contract.ts';
export { MAX_DESCRIPTION, MAX_UPLOAD_ROWS, type TaskReference, type UploadRow } from './tasks/contract.ts';
export type { Collection } from './tasks/directory-contract.ts';
export { type Role, ROLES, type Token, tokenPosition } from './tokens/contract.ts';
export {
  draftOf,
  idFromHash,
  isFormId,
  isId,
  isStoredFormId,
  MAX_DRAFT_ID,
  type StandingStatus,
  STORED_STATUSES,
} from './values.ts';
export {
  type ClaimedDelivery,
  type DeliveryOutcomes,
  MAX_WEBHOOK_URL,
  MAX_WEBHOOKS,
  SHEET_EVENTS,
  type SheetContent,
  type Webhook,
  WEBHOOK_EVENTS,
  webhookPosition,
} from './webhooks/contract.ts';

/**
 * Max bytes of stored text on a page. A function that returns a page encodes it as JSON in JSON, which doubles each quote
 * and backslash; Lambda's limit of a reply is 6 MB.
 */
export const PAGE_BYTES = 2_000_000;

/** The closed list of error codes, and whether the same request may succeed when it is sent again. */
export const ERROR_CODES = {
  INVALID_REQUEST: { retryable: false },
  DATABASE_UNAVAILABLE: { retryable: true },
  DATABASE_BUSY: { retryable: true },
  DATABASE_FULL: { retryable: true },
  INTERNAL: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export const contract = {
  ...schemaOperations,
  ...responseOperations,
  ...attachmentOperations,
  ...outboxOperations,
  ...formOperations,
  ...directoryOperations,
  ...taskOperations,
  ...metricOperations,
  ...exportOperations,
  ...qualityOperations,
  ...rejudgeOperations,
  ...reviewOperations,
  ...leaseOperations,
  ...liveSheetOperations,
  ...birthdayOperations,
  ...tokenOperations,
  ...auditOperations,
  ...webhookOperations,
} as const;

export type Operation = keyof typeof contract;
export type Input<O extends Operation> = z.infer<(typeof contract)[O]['input']>;
export type Result<O extends Operation> = z.infer<(typeof contract)[O]['result']>;

export type Reply<O extends Operation> =
  { ok: true; result: Result<O> } | { ok: false; error: { code: ErrorCode; message: string } };
