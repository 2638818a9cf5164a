import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';

export type { Logger };

export function createLogger(): Logger {
  return new Logger({ serviceName: 'db-proxy' });
}

/** Adds the function's name and request id to every log line of an invocation, and logs what the handler throws. */
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
      logger.error('invocation failed', { name: Error.isError(error) ? error.name : typeof error });
      throw error;
    }
  };
}
