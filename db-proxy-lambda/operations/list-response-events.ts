import { findResponseEvents } from '../database/response-events.ts';
import type { Perform } from './operation.ts';

export const listResponseEvents: Perform<'listResponseEvents'> = async ({ db }, { limit }) => ({
  events: await findResponseEvents(db, limit),
});
