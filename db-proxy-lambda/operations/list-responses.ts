import { listResponses as readPage } from '../database/responses.ts';
import type { Perform } from './operation.ts';

export const listResponses: Perform<'listResponses'> = (database, input) => readPage(database, input);
