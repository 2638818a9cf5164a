/**
 * Traces in X-Ray: which functions a request went through, how long each of them and what they called took. A trace
 * carries ids and the names of routes, operations and errors, never what somebody wrote.
 */
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Subsegment } from 'aws-xray-sdk-core';

// The AWS SDK's requests are traced by their operations (traceClient), so not once more as HTTP requests.
const tracer = new Tracer({ captureHTTPsRequests: false });
// What is asked of other services is traced by the host's name.
if (tracer.isTracingEnabled()) tracer.provider.instrumentFetch();

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
    if (isServerError(result)) subsegment?.addFaultFlag();
    return result;
  } catch (error) {
    // Not the error itself: its message may repeat what somebody sent.
    subsegment?.addFaultFlag();
    subsegment?.addAnnotation('error', Error.isError(error) ? error.name : typeof error);
    throw error;
  } finally {
    close(subsegment);
  }
}

function close(subsegment: Subsegment | undefined): void {
  try {
    subsegment?.close();
  } catch {
    // A trace that cannot be written fails no request.
  }
}

function isServerError(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'statusCode' in result && Number(result.statusCode) >= 500;
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
