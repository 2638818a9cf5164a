import { listLateRevisions as readLate } from '../database/late-revisions.ts';
import type { Perform } from './operation.ts';

export const listLateRevisions: Perform<'listLateRevisions'> = async ({ db }, { response_id: responseId }) => ({
  items: await readLate(db, responseId),
});
