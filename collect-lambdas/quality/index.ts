import { proxyAlone } from '../shared/dependencies.ts';
import { serve } from '../shared/serve.ts';
import { createHandler } from './routes.ts';

export const handler = serve('quality', proxyAlone, createHandler);
