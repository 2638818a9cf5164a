import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';

export type { Logger };

/** JSON log lines that name the function. Callers log ids and codes, never answers. */
export function createLogger(serviceName: string): Logger {
  return new Logger({ serviceName });
}

/**
 * Adds the function's name and request id to every line of an invocation (`function_name`, `function_request_id`), and
 * logs a handler's failure. An environment runs one invocation at a time, so keys that a handler adds to its logger
 * belong to that invocation; the next one resets them.
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

/**
 * The parts of an error that may be logged: its name, the first lines of its stack, and its `code` if that is text. Its
 * message is left out, because it may contain a caller's input.
 */
export function traceOf(error: unknown): { name: string; code?: string; at: string[] } {
  if (!Error.isError(error)) return { name: typeof error, at: [] };
  const at = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, ...code, at: at.slice(0, 8) };
}
