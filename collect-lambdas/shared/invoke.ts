/** Invokes a Lambda function. The SDK's client takes twice as much CPU time for a call. */
import { setTimeout as wait } from 'node:timers/promises';
import { traceCall } from '@collect/tracing';
import { retry, TransientError } from './retry.ts';
import { sendRequest, type HttpReply } from './send-request.ts';
import { addressIn, credentialsOf, signedHeaders } from './sign-request.ts';

/**
 * Sends an event and returns the function's result, as JSON. Throttling, failures of the service and broken connections
 * are retried.
 *
 * @throws {Error} if the function was not invoked, did not end before `signal` aborts, or failed
 */
export type Invoke = (event: string, signal: AbortSignal) => Promise<string>;

const TRIES = 3;
/** The first pause before another try, doubled for the next; a random part of it. */
const PAUSE_MS = 100;
const THROTTLED_PAUSE_MS = 500;

/** @param environment holds the region and the credentials, as Lambda sets them, and the address of another server */
export function createInvoke(functionName: string, environment: NodeJS.ProcessEnv): Invoke {
  const { AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL } = environment;
  const address = AWS_ENDPOINT_URL_LAMBDA ?? AWS_ENDPOINT_URL ?? addressIn(environment, 'lambda');
  const url = `${address.replace(/\/$/, '')}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const credentials = credentialsOf('lambda', environment);
  const names = {
    name: 'Lambda',
    namespace: 'aws',
    aws: { operation: 'Invoke', function_name: functionName },
  } as const;

  return async (event, signal) => {
    const policy = {
      tries: TRIES,
      isRepeatable: (error: unknown) => error instanceof TransientError && !signal.aborted,
      pauseMs: (attempt: number, pause: number) => Math.random() * pause * 2 ** (attempt - 1),
      wait: (milliseconds: number) => wait(milliseconds, undefined, { signal }),
    };
    return await traceCall(names, (trace) => retry(policy, () => send(event, { signal, trace })));
  };

  async function send(
    body: string,
    { signal, trace }: { signal: AbortSignal; trace: Record<string, string> },
  ): Promise<string> {
    const request = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body };
    const headers = { ...(await signedHeaders(credentials, request)), ...trace };
    const reply = await sendRequest(url, { ...request, headers, signal }).catch((cause: unknown) => {
      throw new TransientError('Lambda did not reply.', { cause, retryAfterMs: PAUSE_MS });
    });
    if (reply.status !== 200) throw refusal(reply);
    if (reply.headers['x-amz-function-error'] !== undefined) throw new Error('The function failed.');
    return reply.bytes.toString();
  }
}

/** Its name, such as `TooManyRequestsException`, is in the trace. */
function refusal({ status, headers }: HttpReply): Error {
  const retryAfterMs = status === 429 ? THROTTLED_PAUSE_MS : PAUSE_MS;
  const message = `Lambda replied ${status}.`;
  const error = status === 429 || status >= 500 ? new TransientError(message, { retryAfterMs }) : new Error(message);
  const [name = ''] = String(headers['x-amzn-errortype'] ?? '').split(':');
  return Object.assign(error, name !== '' && { name });
}
