import { deleteResponseEvents } from '../database/response-events.ts';
import type { Perform } from './operation.ts';

export const removeResponseEvents: Perform<'removeResponseEvents'> = async ({ db }, { event_ids: ids }) => {
  await deleteResponseEvents(db, ids);
  return {};
};
