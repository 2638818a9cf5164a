import type * as z from 'zod';
import { attachmentHandlers } from './attachments/operations.ts';
import { auditHandlers } from './audit/operations.ts';
import { birthdayHandlers } from './birthdays/operations.ts';
import { contract, type Input, type Operation, type Result } from './contract.ts';
import type { Database } from './database/database.ts';
import { exportHandlers } from './exports/operations.ts';
import { formHandlers } from './forms/operations.ts';
import { leaseHandlers } from './leases/operations.ts';
import { liveSheetHandlers } from './live-sheets/operations.ts';
import { metricHandlers } from './metrics/operations.ts';
import type { OperationHandlers } from './operation-handler.ts';
import { outboxHandlers } from './outbox/operations.ts';
import { qualityHandlers } from './quality/operations.ts';
import { rejudgeHandlers } from './rejudges/operations.ts';
import { responseHandlers } from './responses/operations.ts';
import { reviewHandlers } from './reviews/operations.ts';
import { schemaHandlers } from './schema/operations.ts';
import { directoryHandlers } from './tasks/directory-operations.ts';
import { taskHandlers } from './tasks/operations.ts';
import { tokenHandlers } from './tokens/operations.ts';
import { webhookHandlers } from './webhooks/operations.ts';

/** A handler for each operation of the contract. The compiler reports a missing one. */
const handlers: OperationHandlers<typeof contract> = {
  ...schemaHandlers,
  ...responseHandlers,
  ...attachmentHandlers,
  ...outboxHandlers,
  ...formHandlers,
  ...directoryHandlers,
  ...taskHandlers,
  ...metricHandlers,
  ...exportHandlers,
  ...qualityHandlers,
  ...rejudgeHandlers,
  ...reviewHandlers,
  ...leaseHandlers,
  ...liveSheetHandlers,
  ...birthdayHandlers,
  ...tokenHandlers,
  ...auditHandlers,
  ...webhookHandlers,
};

/** The schemas of the inputs, typed so that the compiler pairs each schema with its handler. */
const inputs: { readonly [O in Operation]: { readonly input: z.ZodType<Input<O>> } } = contract;

/** An operation whose input has been parsed: ready to run, or the paths of the fields that do not fit the contract. */
type Prepared<O extends Operation> =
  { ok: true; run: (database: Database) => Promise<Result<O>> } | { ok: false; fields: string[] };

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(handlers, name);
}

/** Parses the input of an operation. */
export function prepareOperation<O extends Operation>(operation: O, input: unknown): Prepared<O> {
  const parsed = inputs[operation].input.safeParse(input);
  return parsed.success
    ? { ok: true, run: (database) => handlers[operation](database, parsed.data) }
    : { ok: false, fields: parsed.error.issues.map((issue) => issue.path.join('.') || 'input') };
}
