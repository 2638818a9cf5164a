import { listRevisions as readPage } from '../database/responses.ts';
import type { Perform } from './operation.ts';

export const listRevisions: Perform<'listRevisions'> = (
  { db },
  { response_id: responseId, after_revision: afterRevision },
) => readPage(db, responseId, afterRevision);
