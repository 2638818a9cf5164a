import { traced } from '@collect/tracing';
import { createDependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';
import { withLogContext } from './logger.ts';

const dependencies = createDependencies(process.env);

export const handler = traced(withLogContext(dependencies.logger, createHandler(dependencies)));
