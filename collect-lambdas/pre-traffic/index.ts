import { withLogContext } from '../shared/logger.ts';
import { createDependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';

const dependencies = createDependencies(process.env);

export const handler = withLogContext(dependencies.logger, createHandler(dependencies));
