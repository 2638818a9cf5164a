import type { OperationHandlers } from '../operation-handler.ts';
import type { responseOperations } from './contract.ts';
import { browseResponses } from './browse-queries.ts';
import { eraseResponse } from './erase-response.ts';
import { listRevisions } from './history-queries.ts';
import { listLateRevisions } from './late-revision-queries.ts';
import { findResponse, listResponses } from './queries.ts';
import { saveResponses } from './save-responses.ts';

export const responseHandlers: OperationHandlers<typeof responseOperations> = {
  saveResponses,
  listResponses,
  browseResponses,
  getResponse: async ({ db }, { response_id: responseId }) => ({
    response: (await findResponse(db, responseId)) ?? null,
  }),
  listRevisions: ({ db }, input) => listRevisions(db, input.response_id, input.after_revision),
  listLateRevisions: ({ db }, input) => listLateRevisions(db, input),
  eraseResponse,
};
