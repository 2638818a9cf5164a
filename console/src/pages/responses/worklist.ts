/** The order in which responses are looked at: that of the list from which the first was opened. */
import { read } from '../../../shared/api.ts';
import { api } from '../../session.ts';
import { parametersOf, type Filters } from './filters.ts';
import { handled } from './pending.ts';

let listed: readonly string[] = [];

/** Keeps the rows of the list that were seen last. */
export function rememberList(responseIds: readonly string[]): void {
  listed = responseIds;
}

const LOOKED_THROUGH = 50;

/**
 * The next response to decide on: flagged, or of the statuses in the filters. Those after this one in the list come
 * first, then the newest.
 *
 * @param formId the id under which the form's responses are listed
 */
export async function nextOpen(responseId: string, formId: string, filters: Filters): Promise<string | undefined> {
  const status: Filters['status'] = filters.status.length > 0 ? filters.status : ['flagged'];
  const query = { form_id: formId, ...parametersOf({ ...filters, status }), limit: LOOKED_THROUGH };
  const { items } = await read(api.GET('/responses', { params: { query } }));
  const open = items.map(({ response_id: id }) => id).filter((id) => id !== responseId && !handled.has(id));
  const after = listed.slice(listed.indexOf(responseId) + 1);
  return after.find((id) => open.includes(id)) ?? open[0];
}
