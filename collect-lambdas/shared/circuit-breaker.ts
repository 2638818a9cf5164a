/** A circuit breaker for the db-proxy: after a failed call, later calls fail immediately instead of waiting too. */
import type { Input, Operation, Result } from '../../db-proxy-lambda/contract.ts';
import { DbProxyError, isTransient, type DbProxy } from './db-proxy-client.ts';
import { withTimeLimit } from './time-limit.ts';

/** How long calls fail immediately after a failure. */
const OPEN_MS = 5_000;
/**
 * Time limit for the ping that precedes the next call. The authorizer and the function behind it may each wait
 * for a ping, and the collector needs a reply within a second.
 */
const PROBE_MS = 400;

/**
 * Opens after a transient failure, except `DATABASE_BUSY`, which clears in milliseconds. While it is open, calls fail
 * with the code of that failure. A `ping` is always sent; its success closes the breaker.
 *
 * @param now milliseconds, as Date.now gives them
 */
export function createCircuitBreaker(dbProxy: DbProxy, now: () => number = Date.now): DbProxy {
  let failure: { code: DbProxyError['code']; until: number } | undefined;

  async function ask<O extends Operation>(
    operation: O,
    input: Input<O>,
    signal?: AbortSignal,
    onReply?: (reply: string) => Promise<void>,
  ): Promise<Result<O>> {
    try {
      const result = await dbProxy.call(operation, input, signal, onReply);
      failure = undefined;
      return result;
    } catch (error) {
      if (isTransient(error) && error.code !== 'DATABASE_BUSY') {
        failure = { code: error.code, until: now() + OPEN_MS };
      }
      throw error;
    }
  }

  return {
    async call(operation, input, signal, onReply) {
      if (failure !== undefined && operation !== 'ping') {
        if (now() < failure.until) throw new DbProxyError(failure.code);
        await ask('ping', {}, withTimeLimit(PROBE_MS, signal));
      }
      return await ask(operation, input, signal, onReply);
    },
  };
}
