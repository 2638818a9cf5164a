/**
 * What other Lambdas may ask of the db-proxy. They import this file and no other of the proxy.
 *
 * A request is `{ operation, input }`; a reply is `{ ok: true, result }` or `{ ok: false, error: { code, message } }`.
 * Each operation has a schema for its input and one for its result, in its feature's contract. No operation takes SQL.
 */
import type * as z from 'zod';
import { auditOperations } from './audit/contract.ts';
import { birthdayOperations } from './birthdays/contract.ts';
import { exportOperations } from './exports/contract.ts';
import { formOperations } from './forms/contract.ts';
import { leaseOperations } from './leases/contract.ts';
import { metricOperations } from './metrics/contract.ts';
import { outboxOperations } from './outbox/contract.ts';
import { responseOperations } from './responses/contract.ts';
import { schemaOperations } from './schema/contract.ts';
import { taskOperations } from './tasks/contract.ts';
import { directoryOperations } from './tasks/directory-contract.ts';
import { tokenOperations } from './tokens/contract.ts';

export * from './audit/contract.ts';
export * from './birthdays/contract.ts';
export * from './exports/contract.ts';
export * from './forms/contract.ts';
export * from './metrics/contract.ts';
export * from './outbox/contract.ts';
export * from './responses/contract.ts';
export * from './tasks/contract.ts';
export * from './tasks/directory-contract.ts';
export * from './tokens/contract.ts';
export { isFormId, isId } from './values.ts';

/**
 * Bytes of stored text after which a page ends. Lambda's limit of a reply is 6 MB. A function that passes a page on sends it
 * as JSON in JSON, where each quote and backslash takes two bytes.
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
  ...outboxOperations,
  ...formOperations,
  ...directoryOperations,
  ...taskOperations,
  ...metricOperations,
  ...exportOperations,
  ...leaseOperations,
  ...birthdayOperations,
  ...tokenOperations,
  ...auditOperations,
} as const;

export type Operation = keyof typeof contract;
export type Input<O extends Operation> = z.infer<(typeof contract)[O]['input']>;
export type Result<O extends Operation> = z.infer<(typeof contract)[O]['result']>;

export type Reply<O extends Operation> =
  { ok: true; result: Result<O> } | { ok: false; error: { code: ErrorCode; message: string } };
