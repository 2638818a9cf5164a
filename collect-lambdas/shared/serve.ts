import { traced } from '@collect/tracing';
import type { Context } from 'aws-lambda';
import { bind, type CreateDependencies } from './environment.ts';
import { createLogger, withLogContext, type Logger } from './logger.ts';

/**
 * Makes the Lambda handler of a function: binds its real dependencies once per environment, adds the invocation's ids to
 * its log lines, and traces it in X-Ray.
 *
 * @param service the function's name in its log lines
 * @throws {Error} that names every missing or malformed environment variable
 */
export function serve<Own extends object, Event, Result>(
  service: string,
  createDependencies: CreateDependencies<Own>,
  createHandler: (dependencies: Own & { logger: Logger }) => (event: Event) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  const logger = createLogger(service);
  return traced(withLogContext(logger, createHandler(bind(createDependencies, process.env, logger))));
}
