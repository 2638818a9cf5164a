/**
 * What may be asked of the db-proxy: the only file of the proxy that other Lambdas import.
 *
 * A request is `{ operation, input }`; a reply is `{ ok: true, result }` or `{ ok: false, error: { code, message } }`.
 * Each operation has one schema for its input and one for its result, grouped in contract/. There is no operation that takes SQL.
 */
import * as z from 'zod';
import { auditOperations } from './contract/audit.ts';
import { birthdayOperations } from './contract/birthdays.ts';
import { exportOperations } from './contract/exports.ts';
import { directoryOperations } from './contract/directory.ts';
import { formOperations } from './contract/forms.ts';
import { metricOperations } from './contract/metrics.ts';
import { responseEventOperations } from './contract/response-events.ts';
import { responseOperations } from './contract/responses.ts';
import { schemaOperations } from './contract/schema.ts';
import { taskOperations } from './contract/tasks.ts';
import { tokenOperations } from './contract/tokens.ts';

export { AUDIT_ACTIONS, auditPosition } from './contract/audit.ts';
export type { AuditEvent, By } from './contract/audit.ts';
export { MOST_BIRTHDAYS, USERNAME_LENGTH } from './contract/birthdays.ts';
export type { Birthday } from './contract/birthdays.ts';
export { exportPosition, SYSTEM_TABLES } from './contract/exports.ts';
export type {
  Cell,
  Column,
  CsvResult,
  ExportBound,
  ExportFilter,
  SheetResult,
  StoredExport,
  TableDescription,
} from './contract/exports.ts';
export type { Collection, DirectoryEntry } from './contract/directory.ts';
export type { FormSummary, StoredForm } from './contract/forms.ts';
export { INDICATORS, METRIC_LIMITS, SAMPLE } from './contract/metrics.ts';
export type { Area, AreaMetric, CountryDay, CountryMetrics, Indicator, MetricSeries } from './contract/metrics.ts';
export { OUTBOX_LEASE } from './contract/response-events.ts';
export type { PendingEvent } from './contract/response-events.ts';
export { latePosition, listPosition } from './contract/responses.ts';
export type {
  IncomingResponse,
  LatePosition,
  LateRevision,
  ListPosition,
  SaveOutcome,
  StoredRevision,
} from './contract/responses.ts';
export { MAX_DESCRIPTION, MAX_UPLOAD_ROWS } from './contract/tasks.ts';
export type { Task, TaskReference, UploadRow } from './contract/tasks.ts';
export { ROLES, tokenPosition } from './contract/tokens.ts';
export type { HashedToken, Role, Token } from './contract/tokens.ts';
export { isFormId, isId } from './contract/values.ts';

/** A reply must stay under Lambda's 6 MB; pages are cut at this many bytes of rows, which leaves room for the frame. */
export const PAGE_BYTES = 4_000_000;

/**
 * The same for a part of a response's history, revisions or late ones. A function that passes a page on sends it as JSON
 * in JSON, where each quote and backslash of it takes two bytes.
 */
export const HISTORY_PAGE_BYTES = 2_000_000;

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
  /** Would a response be saved now: is the database there, with this proxy's schema, and does it take writes? */
  ping: {
    input: z.object({}),
    result: z.object({ database: z.enum(['mysql', 'sqlite']) }),
  },
  ...schemaOperations,
  ...responseOperations,
  ...responseEventOperations,
  ...formOperations,
  ...directoryOperations,
  ...taskOperations,
  ...metricOperations,
  ...exportOperations,
  ...birthdayOperations,
  ...tokenOperations,
  ...auditOperations,
} as const;

export type Operation = keyof typeof contract;
export type Input<O extends Operation> = z.infer<(typeof contract)[O]['input']>;
export type Result<O extends Operation> = z.infer<(typeof contract)[O]['result']>;

export type Reply<O extends Operation> =
  { ok: true; result: Result<O> } | { ok: false; error: { code: ErrorCode; message: string } };
