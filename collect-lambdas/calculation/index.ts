import { serve } from '../shared/serve.ts';
import { createHandler } from './routes.ts';

export const handler = serve('calculation', () => ({}), createHandler);
