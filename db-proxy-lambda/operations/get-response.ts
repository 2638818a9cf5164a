import { findResponse } from '../database/responses.ts';
import type { Perform } from './operation.ts';

export const getResponse: Perform<'getResponse'> = async ({ db }, { response_id: responseId }) => ({
  response: (await findResponse(db, responseId)) ?? null,
});
