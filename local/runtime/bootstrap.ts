/**
 * The program of each environment: it loads the handler, then runs invocations from Lambda's Runtime API until the host
 * ends.
 */
import { flushCompileCache } from 'node:module';
import { loadHandler } from './load-handler.ts';
import type { Handler, InvocationContext } from './load-handler.ts';
import type { HttpMessage } from './message-reader.ts';
import { RuntimeClient } from './runtime-client.ts';

const environment = (name: string): string => process.env[name] ?? '';
const connect = (): RuntimeClient => new RuntimeClient(environment('AWS_LAMBDA_RUNTIME_API'), () => process.exit(0));

let currentRequestId: string | undefined;

/** Logs an error. Any value can be thrown. @returns the error as Lambda's Node.js runtime reports it */
function logError(label: string, error: unknown): string {
  const report = JSON.stringify(
    error instanceof Error
      ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
      : { errorType: typeof error, errorMessage: String(error), trace: [] },
  );
  console.error(`${new Date().toISOString()}\t${currentRequestId ?? '-'}\tERROR\t${label}\t${report}`);
  return report;
}

function contextOf({ headers }: HttpMessage): InvocationContext {
  const deadline = Number(headers.get('lambda-runtime-deadline-ms'));
  return {
    awsRequestId: headers.get('lambda-runtime-aws-request-id') ?? '',
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: environment('AWS_LAMBDA_FUNCTION_VERSION'),
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    invokedFunctionArn: headers.get('lambda-runtime-invoked-function-arn') ?? '',
    logGroupName: environment('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: environment('AWS_LAMBDA_LOG_STREAM_NAME'),
    memoryLimitInMB: environment('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
  };
}

/** Runs one invocation. @returns the path and the body of its report */
async function run(handler: Handler, invocation: HttpMessage): Promise<[path: string, body: string]> {
  const context = contextOf(invocation);
  currentRequestId = context.awsRequestId;
  process.env['_X_AMZN_TRACE_ID'] = invocation.headers.get('lambda-runtime-trace-id');
  try {
    const result: unknown = await handler(JSON.parse(invocation.body.toString()), context);
    return [`/invocation/${context.awsRequestId}/response`, JSON.stringify(result) ?? 'null'];
  } catch (error) {
    return [`/invocation/${context.awsRequestId}/error`, logError('Invoke Error', error)];
  }
}

/** Reports a fatal error, as the result of the current invocation or of the start, and exits. */
async function crash(label: string, status: number, error: unknown): Promise<never> {
  const report = logError(label, error);
  const path = currentRequestId === undefined ? '/init/error' : `/invocation/${currentRequestId}/error`;
  await connect().report(path, report);
  process.exit(status);
}

async function main(): Promise<void> {
  // Ctrl-C and service managers signal the whole process group, but only the host ends environments.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  process.on('uncaughtException', (error) => void crash('Uncaught Exception', 129, error));
  process.on('unhandledRejection', (error) => void crash('Unhandled Promise Rejection', 128, error));

  let handler: Handler;
  try {
    handler = await loadHandler(environment('LAMBDA_TASK_ROOT'), environment('_HANDLER'));
  } catch (error) {
    return crash('Init Error', 1, error);
  }
  const client = connect();
  // Writes the compile cache (NODE_COMPILE_CACHE) now. Node.js would write it at exit, but the host kills this process.
  flushCompileCache();
  let invocation = await client.next();
  for (;;) invocation = await client.reportAndNext(...(await run(handler, invocation)));
}

await main();
