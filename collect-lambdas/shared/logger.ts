import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';

export type { Logger };

/** JSON log lines that name the function. Callers log ids and codes, never an answer's value. */
export function createLogger(serviceName: string): Logger {
  return new Logger({ serviceName });
}

/**
 * Gives every line of an invocation the function's name and request id (`function_name`, `function_request_id`), and a
 * handler that throws a line of its own. An environment runs one invocation at a time, so keys that a handler adds to
 * its logger belong to that invocation; they are forgotten at the next.
 */
export function withLogContext<Event, Result>(
  logger: Logger,
  handle: (event: Event) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return async (event, context) => {
    logger.resetKeys();
    logger.addContext(context);
    try {
      return await handle(event);
    } catch (error) {
      logger.error('invocation failed', traceOf(error));
      throw error;
    }
  };
}

/** What may be logged of an error: its class, its code and its stack. Its message may repeat what somebody sent. */
export function traceOf(error: unknown): { name: string; code?: string; at: string[] } {
  if (!Error.isError(error)) return { name: typeof error, at: [] };
  const at = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, ...code, at: at.slice(0, 8) };
}
