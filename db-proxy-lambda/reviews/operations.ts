import type { OperationHandlers } from '../operation-handler.ts';
import type { reviewOperations } from './contract.ts';
import { findOwner, listReviewsOf } from './queries.ts';
import { saveReviews } from './save-reviews.ts';
import { listWork } from './worklist-queries.ts';

export const reviewHandlers: OperationHandlers<typeof reviewOperations> = {
  saveReviews,
  listReviews: async ({ db }, { response_id: responseId, after = 0, limit }) => {
    const owner = await findOwner(db, responseId);
    if (owner === undefined) return { outcome: 'unknown' };
    if (owner.status === 'erased') return { outcome: 'erased' };
    return { outcome: 'found', user_id: owner.user_id, ...(await listReviewsOf(db, responseId, after, limit)) };
  },
  listWork: ({ db }, input) => listWork(db, input),
};
