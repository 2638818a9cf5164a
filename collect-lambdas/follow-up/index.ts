import { traced } from '@collect/tracing';
import { withLogContext } from '../shared/logger.ts';
import { createDependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';

const dependencies = createDependencies(process.env);

export const handler = traced(withLogContext(dependencies.logger, createHandler(dependencies)));
