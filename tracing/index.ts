/**
 * Traces in X-Ray: which functions a request went through, how long each of them and what they called took. A trace
 * carries ids and the names of routes, operations and errors, never what somebody wrote.
 */
import { Tracer } from '@aws-lambda-powertools/tracer';
import { Subsegment } from 'aws-xray-sdk-core';

/** Of an error a trace gets its name: the message, which the SDK would send too, may repeat what somebody sent. */
Subsegment.prototype.addError = function addName(error: unknown) {
  markFailed(this, nameOf(error));
};

function markFailed(subsegment: Subsegment | undefined, name: string): void {
  subsegment?.addFaultFlag();
  subsegment?.addAnnotation('error', name);
}

function nameOf(error: unknown): string {
  const isNamed = typeof error === 'object' && error !== null && 'name' in error;
  return isNamed ? String(error.name) : typeof error;
}

// The AWS SDK's requests are traced by their operations (traceClient), so not once more as HTTP requests.
const tracer = new Tracer({ captureHTTPsRequests: false });
// What is asked of other services is traced by its method, host and path.
if (tracer.isTracingEnabled()) tracer.provider.instrumentFetch();

/** What functions answer, as far as it tells of a failure. */
interface Reply {
  statusCode?: unknown;
  batchItemFailures?: unknown;
  ok?: unknown;
  error?: { code?: unknown };
}

/** By what a trace is found: `annotation.response_id = "..."` in the console's search. */
export interface Annotations {
  route?: string | undefined;
  operation?: string | undefined;
  response_id?: string | undefined;
  export_id?: string | undefined;
}

/**
 * Gives each invocation a segment of its own, in which what it calls is seen. Without tracing (on a machine that is not
 * Lambda, or where POWERTOOLS_TRACE_ENABLED is `false`) the handler is given back as it is.
 */
export function traced<Event, Context, Result>(
  handle: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  if (!tracer.isTracingEnabled()) return handle;
  return async (event, context) => {
    const { promise, resolve } = Promise.withResolvers<Result>();
    tracer.provider.captureAsyncFunc('## handler', (subsegment) => {
      tracer.annotateColdStart();
      resolve(watch(subsegment, handle(event, context)));
    });
    return promise;
  };
}

async function watch<Result>(subsegment: Subsegment | undefined, work: Promise<Result>): Promise<Result> {
  try {
    const result = await work;
    const failure = failureOf(result);
    if (failure !== undefined) markFailed(subsegment, failure);
    return result;
  } catch (error) {
    markFailed(subsegment, nameOf(error));
    throw error;
  } finally {
    close(subsegment);
  }
}

function close(subsegment: Subsegment | undefined): void {
  try {
    // A call that nobody waited for would keep this segment back, and be sent with the trace of a later invocation.
    for (const call of subsegment?.subsegments?.filter((each) => !each.isClosed()) ?? []) {
      call.close();
      call.notTraced = true;
    }
    subsegment?.close();
  } catch {
    // A trace that cannot be written fails no request.
  }
}

/** What a reply says of a failure: an HTTP answer's status from 500 on, messages left in a queue, the proxy's error code. */
function failureOf(result: unknown): string | undefined {
  const { statusCode, batchItemFailures: left, ok, error }: Reply = Object(result);
  if (Number(statusCode) >= 500) return String(statusCode);
  if (Array.isArray(left) && left.length > 0) return 'batchItemFailures';
  return ok === false ? String(error?.code) : undefined;
}

/** Says what the invocation under way is about. */
export function annotate(annotations: Annotations): void {
  for (const [key, value] of Object.entries(annotations)) {
    if (typeof value === 'string') tracer.putAnnotation(key, value);
  }
}

/** Makes a client of the AWS SDK show its calls in the trace, and hand the trace on to whoever is called. */
export function traceClient<Client>(client: Client): Client {
  return tracer.captureAWSv3Client(client);
}
