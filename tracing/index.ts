/**
 * Traces in X-Ray. A trace shows the functions that handled a request and their calls, with the duration of each. It
 * contains ids and the names of routes, operations and errors, but never a user's data.
 */
import { Tracer } from '@aws-lambda-powertools/tracer';
import { Subsegment } from 'aws-xray-sdk-core';

/** Only the error's name goes into the trace. The SDK would also send the message, which may contain user data. */
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

// traceClient traces the AWS SDK's requests by operation; tracing them as HTTP requests too would duplicate them.
const tracer = new Tracer({ captureHTTPsRequests: false });
// Requests to other services are traced by method, host and path.
if (tracer.isTracingEnabled()) tracer.provider.instrumentFetch();

/** The members of a function's result that may show a failure. */
interface Reply {
  statusCode?: unknown;
  batchItemFailures?: unknown;
  ok?: unknown;
  error?: { code?: unknown };
}

/** Keys for finding a trace in the console, for example with `annotation.response_id = "..."`. */
export interface Annotations {
  route?: string | undefined;
  operation?: string | undefined;
  response_id?: string | undefined;
  export_id?: string | undefined;
}

/**
 * Gives each invocation a segment of its own, which contains its calls. Without tracing (outside of Lambda, or if
 * POWERTOOLS_TRACE_ENABLED is `false`) the handler is returned unchanged.
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
    // A call that was not awaited would delay this segment and be sent with the trace of a later invocation.
    for (const call of subsegment?.subsegments?.filter((each) => !each.isClosed()) ?? []) {
      call.close();
      call.notTraced = true;
    }
    subsegment?.close();
  } catch {
    // A failure to write a trace must not fail the request.
  }
}

/**
 * The failure that a result shows: an HTTP status of 500 or more, messages left in a queue, or the proxy's error code.
 */
function failureOf(result: unknown): string | undefined {
  const { statusCode, batchItemFailures: left, ok, error }: Reply = Object(result);
  if (Number(statusCode) >= 500) return String(statusCode);
  if (Array.isArray(left) && left.length > 0) return 'batchItemFailures';
  return ok === false ? String(error?.code) : undefined;
}

/** Adds annotations to the current invocation's trace. */
export function annotate(annotations: Annotations): void {
  for (const [key, value] of Object.entries(annotations)) {
    if (typeof value === 'string') tracer.putAnnotation(key, value);
  }
}

/** Traces the calls of an AWS SDK client, and passes the trace on to the called service. */
export function traceClient<Client>(client: Client): Client {
  return tracer.captureAWSv3Client(client);
}
