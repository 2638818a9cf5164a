import { serve } from '../shared/serve.ts';
import { createDependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';

export const handler = serve('live-sheet', createDependencies, createHandler);
