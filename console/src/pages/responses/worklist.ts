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
const MAX_REQUESTS = 5;

/**
 * The next response to decide on: flagged, or of the statuses in the filters. Responses after this one in the list
 * come first, then the newest.
 *
 * @param formId the id under which the form's responses are listed
 */
export async function nextOpen(responseId: string, formId: string, filters: Filters): Promise<string | undefined> {
  const status: Filters['status'] = filters.status.length > 0 ? filters.status : ['flagged'];
  const query = { form_id: formId, ...parametersOf({ ...filters, status }), limit: LOOKED_THROUGH };
  const after = listed.slice(listed.indexOf(responseId) + 1);
  let cursor: string | null | undefined;
  // A search by rule or text looks through a part of the responses per request, so its page may be empty.
  for (let request = 0; request < MAX_REQUESTS && cursor !== null; request += 1) {
    const params = { query: { ...query, ...(cursor !== undefined && { cursor }) } };
    const { items, next_cursor: next } = await read(api.GET('/responses', { params }));
    const open = items
      .filter(({ response_id: id, revision }) => id !== responseId && revision > (handled.get(id) ?? 0))
      .map(({ response_id: id }) => id);
    if (open.length > 0) return after.find((id) => open.includes(id)) ?? open[0];
    cursor = next;
  }
  return undefined;
}
