import { traced } from '@collect/tracing';
import type { Context } from 'aws-lambda';
import { bind, type CreateDependencies } from './environment.ts';
import { createLogger, withLogContext, type Logger } from './logger.ts';

/**
 * The Lambda handler of a function: its real dependencies are bound once per environment, its lines carry the
 * invocation's ids, and X-Ray gets its part of the trace.
 *
 * @param service the name that its log lines carry
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
