import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { traceClient } from '@collect/tracing';
import {
  ERROR_CODES,
  type ErrorCode,
  type Input,
  type Operation,
  type Reply,
  type Result,
} from '../../db-proxy-lambda/contract.ts';

/** The proxy did not execute a call, or the result of the call is unknown. */
export class DbProxyError extends Error {
  readonly code: ErrorCode | 'PROXY_UNREACHABLE';
  /** Whether the same call may succeed later. Every operation is idempotent. */
  readonly retryable: boolean;

  constructor(code: ErrorCode | 'PROXY_UNREACHABLE', options?: ErrorOptions) {
    super(`The call of the db-proxy failed: ${code}.`, options);
    this.code = code;
    this.retryable = code === 'PROXY_UNREACHABLE' || ERROR_CODES[code].retryable;
  }
}

/** Whether the same call of the proxy may succeed later. */
export function isTransient(error: unknown): error is DbProxyError {
  return error instanceof DbProxyError && error.retryable;
}

/** Whether the proxy permanently refuses a call. */
export function isRefusal(error: unknown): error is DbProxyError {
  return error instanceof DbProxyError && !error.retryable;
}

/** Calls operations of the db-proxy's contract. */
export interface DbProxy {
  /**
   * @param signal aborts the call, and replaces the client's own time limit; several calls may share one
   * @param onReply receives the reply's text before it is parsed; parsing a large reply takes a while
   * @throws {DbProxyError} if there is no result
   */
  call<O extends Operation>(
    operation: O,
    input: Input<O>,
    signal?: AbortSignal,
    onReply?: (reply: string) => Promise<void>,
  ): Promise<Result<O>>;
}

/** Time limit for a call, retries included. It leaves an API function 11 of its 29 seconds. */
export const REQUEST_MS = 18_000;

/** Time limit for a call made by a worker, which no client waits for. */
export const WORKER_MS = 60_000;

/**
 * Calls the proxy through Lambda's Invoke API. The SDK retries throttling, broken connections and timeouts.
 *
 * @param limitMs time limit for a call, retries included
 */
export function createDbProxyClient(functionName: string, limitMs = REQUEST_MS): DbProxy {
  const client = traceClient(
    new LambdaClient({
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
    }),
  );
  return {
    async call<O extends Operation>(
      operation: O,
      input: Input<O>,
      signal = AbortSignal.timeout(limitMs),
      onReply?: (reply: string) => Promise<void>,
    ): Promise<Result<O>> {
      const payload = JSON.stringify({ operation, input });
      const reply = await invoke<O>(client, functionName, payload, signal, onReply);
      if (!reply.ok) throw new DbProxyError(reply.error.code);
      return reply.result;
    },
  };
}

async function invoke<O extends Operation>(
  client: LambdaClient,
  functionName: string,
  payload: string,
  abortSignal: AbortSignal,
  onReply: ((reply: string) => Promise<void>) | undefined,
): Promise<Reply<O>> {
  try {
    const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload) });
    const output = await client.send(command, { abortSignal });
    if (output.FunctionError === undefined && output.Payload !== undefined) {
      const text = output.Payload.transformToString();
      await onReply?.(text);
      return JSON.parse(text);
    }
  } catch (error) {
    throw new DbProxyError('PROXY_UNREACHABLE', { cause: error });
  }
  // The function died or timed out. Whether it executed the operation is unknown, so operations are idempotent.
  throw new DbProxyError('PROXY_UNREACHABLE');
}
