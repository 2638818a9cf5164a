import { serve } from '../shared/serve.ts';
import { submissionDependencies } from '../shared/submissions/dependencies.ts';
import { createHandler } from './handler.ts';

export const handler = serve('odk-pending', submissionDependencies, createHandler);
