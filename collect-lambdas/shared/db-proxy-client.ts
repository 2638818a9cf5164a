import {
  ERROR_CODES,
  type ErrorCode,
  type Input,
  type Operation,
  type Reply,
  type Result,
} from '../../db-proxy-lambda/contract.ts';
import { createInvoke } from './invoke.ts';

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
 * Calls the proxy through Lambda's Invoke API, which is retried after throttling, broken connections and timeouts.
 *
 * @param limitMs time limit for a call, retries included
 */
export function createDbProxyClient(functionName: string, limitMs = REQUEST_MS): DbProxy {
  const invoke = createInvoke(functionName, process.env);
  return {
    async call<O extends Operation>(
      operation: O,
      input: Input<O>,
      signal = AbortSignal.timeout(limitMs),
      onReply?: (reply: string) => Promise<void>,
    ): Promise<Result<O>> {
      let reply: Reply<O>;
      try {
        const text = await invoke(JSON.stringify({ operation, input }), signal);
        await onReply?.(text);
        reply = JSON.parse(text);
      } catch (cause) {
        // Whether the operation was executed is unknown, so operations are idempotent.
        throw new DbProxyError('PROXY_UNREACHABLE', { cause });
      }
      if (!reply.ok) throw new DbProxyError(reply.error.code);
      return reply.result;
    },
  };
}
