import { serve } from '../shared/serve.ts';
import { createHandler } from './handler.ts';

export const handler = serve('calculation', () => ({}), createHandler);
