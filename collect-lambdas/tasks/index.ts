import { proxyAlone } from '../shared/dependencies.ts';
import { serve } from '../shared/serve.ts';
import { createHandler } from './handler.ts';

export const handler = serve('tasks', proxyAlone, createHandler);
