import { serve } from '../shared/serve.ts';
import { createDependencies } from './dependencies.ts';
import { createHandler } from './routes.ts';

export const handler = serve('pages', createDependencies, createHandler);
