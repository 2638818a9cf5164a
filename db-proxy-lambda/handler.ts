import { annotate } from '@collect/tracing';
import * as z from 'zod';
import type { ErrorCode } from './contract.ts';
import { DatabaseStartError, type Dependencies } from './dependencies.ts';
import type { Database } from './database/database.ts';
import { withLiveConnection } from './database/transactions.ts';
import { isOperation, prepareOperation } from './operations.ts';
import { deploymentOperations } from './schema/contract.ts';

const request = z.object({
  operation: z.string().refine(isOperation),
  input: z.unknown(),
});

type ErrorReply = { ok: false; error: { code: ErrorCode; message: string } };

/** Max faulty fields that an error names. */
const FIELDS_NAMED = 5;

/** Carries out one operation and returns the contract's reply. Never throws; no error repeats a value. */
export function createHandler({ connection, database, logger }: Dependencies) {
  return async (event: unknown): Promise<{ ok: true; result: unknown } | ErrorReply> => {
    const parsed = request.safeParse(event);
    if (!parsed.success) return refuse('INVALID_REQUEST', 'No such operation.');
    const { operation, input } = parsed.data;
    const prepared = prepareOperation(operation, input);
    if (!prepared.ok) {
      const fields = prepared.fields.slice(0, FIELDS_NAMED).join(', ');
      return refuse('INVALID_REQUEST', `The input of ${operation} does not fit the contract at ${fields}.`);
    }
    annotate({ operation, ...idOf(input) });
    let opened: Database | undefined;
    try {
      // Deployments call the operations of `deploymentOperations` before the schema is up to date.
      const ready = Object.hasOwn(deploymentOperations, operation) ? connection() : await database();
      opened = ready;
      return { ok: true, result: await withLiveConnection(ready, () => prepared.run(ready)) };
    } catch (error) {
      const code = errorCode(error, opened);
      logger.error('operation failed', { operation, code, ...idOf(input), ...traceOf(error) });
      return refuse(code, `The operation ${operation} could not be carried out.`);
    }
  };
}

function refuse(code: ErrorCode, message: string): ErrorReply {
  return { ok: false, error: { code, message } };
}

function errorCode(error: unknown, database: Database | undefined): ErrorCode {
  const kind = error instanceof DatabaseStartError ? error.kind : (database?.errorKind(error) ?? 'INTERNAL');
  if (kind === 'DUPLICATE_KEY') return 'DATABASE_BUSY';
  if (kind === 'CONNECTION_LOST') return 'DATABASE_UNAVAILABLE';
  return kind === 'ALREADY_EXISTS' ? 'INTERNAL' : kind;
}

const ids = z.union([
  z.object({ export_id: z.string() }),
  z.object({ response_id: z.string() }),
  z.object({ responses: z.tuple([z.object({ response_id: z.string() })]) }).transform(({ responses: [only] }) => only),
]);

/** The id of the export or response that an input names, for log lines and traces. */
function idOf(input: unknown): { export_id?: string; response_id?: string } {
  return ids.safeParse(input).data ?? {};
}

/** A driver's message may repeat values, so only class, code, number and stack lines of an error are logged. */
function traceOf(
  error: unknown,
): { name: string; driverCode?: string; driverErrno?: number; at: string[] } | undefined {
  const cause = error instanceof DatabaseStartError ? error.cause : error;
  if (!Error.isError(cause)) return undefined;
  const at = (cause.stack ?? '')
    .split('\n')
    .filter((line) => /^ {4}at (?!.*(?:node_modules|node:))/.test(line))
    .slice(0, 8);
  return {
    name: cause.name,
    ...('code' in cause && typeof cause.code === 'string' && { driverCode: cause.code }),
    ...('errno' in cause && typeof cause.errno === 'number' && { driverErrno: cause.errno }),
    at,
  };
}
