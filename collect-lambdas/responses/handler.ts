/** What is stored: the worklist of flagged responses, single responses, their history; and how one is erased. */
import { PAGE_BYTES, type LateRevision, type StoredRevision } from '../../db-proxy-lambda/contract.ts';
import type { Caller } from '../shared/access.ts';
import {
  askedBy,
  jsonResponse,
  pathParameter,
  routeRequests,
  type HttpEvent,
  type HttpResponse,
} from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { encodeCursor, readQuery } from '../shared/query.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { historyQuery, id, listQuery, type HistoryPosition } from './query.ts';

export function createHandler(dependencies: ProxyAlone) {
  return routeRequests(
    {
      'GET /responses': (event, caller) => listResponses(dependencies, event, caller),
      'GET /responses/{response_id}': (event, caller) => getResponse(dependencies, event, caller),
      'DELETE /responses/{response_id}': (event, caller) => eraseResponse(dependencies, event, caller),
      'GET /responses/{response_id}/revisions': (event, caller) => listRevisions(dependencies, event, caller),
    },
    dependencies.logger,
  );
}

async function listResponses({ dbProxy }: ProxyAlone, event: HttpEvent, { onlyOf }: Caller): Promise<HttpResponse> {
  const { cursor: after, ...query } = readQuery(event, listQuery);
  if (after !== undefined && (after.updated_at === undefined) !== (query.updated_since === undefined)) {
    const detail = 'Use a cursor together with the parameters that it was given for.';
    throw new Problem('invalid-parameter', { errors: [{ pointer: '/cursor', detail }] });
  }
  if (onlyOf !== undefined && (query.user_id ?? onlyOf) !== onlyOf) {
    const detail = 'Leave it out: your token shows you your own responses.';
    throw new Problem('not-yours', { errors: [{ pointer: '/user_id', detail }] });
  }
  const own = onlyOf === undefined ? {} : { user_id: onlyOf };
  const { items, next } = await dbProxy.call('listResponses', { ...query, ...own, after });
  return jsonResponse(200, { items, next_cursor: next === null ? null : encodeCursor(next) });
}

async function getResponse({ dbProxy }: ProxyAlone, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const { response } = await dbProxy.call('getResponse', { response_id: responseIdOf(event) });
  if (response === null) throw unknownResponse();
  refuseOthers(caller, response);
  if (response.status === 'erased') throw erasedResponse();
  return jsonResponse(200, response);
}

async function eraseResponse({ dbProxy }: ProxyAlone, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const by = askedBy(event, caller);
  const { outcome } = await dbProxy.call('eraseResponse', { response_id: responseIdOf(event), by });
  if (outcome === 'unknown') throw unknownResponse();
  return { statusCode: 204 };
}

/** A page of the history: revisions first, then, in the same reply where both fit, what came too late. */
async function listRevisions({ dbProxy }: ProxyAlone, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const { cursor = { after_revision: 0 } } = readQuery(event, historyQuery);
  const response_id = responseIdOf(event);
  const { response } = await dbProxy.call('getResponse', { response_id });
  if (response === null) throw unknownResponse();
  refuseOthers(caller, response);
  if (response.status === 'erased') throw erasedResponse();

  const page = (items: StoredRevision[], late: LateRevision[], next: HistoryPosition | null): HttpResponse =>
    jsonResponse(200, {
      items: ownOf(caller, items),
      late: ownOf(caller, late),
      next_cursor: next === null ? null : encodeCursor(next),
    });
  const items: StoredRevision[] = [];
  if ('after_revision' in cursor) {
    const revisions = await dbProxy.call('listRevisions', { response_id, ...cursor });
    items.push(...revisions.items);
    const last = items.at(-1)?.revision ?? cursor.after_revision;
    if (!revisions.complete) return page(items, [], { after_revision: last });
  }
  const after = 'late' in cursor ? cursor.late : null;
  const late = await dbProxy.call('listLateRevisions', { response_id, ...(after !== null && { after }) });
  if (items.length > 0 && Buffer.byteLength(JSON.stringify([items, late.items])) > PAGE_BYTES) {
    return page(items, [], { late: null });
  }
  return page(items, late.items, late.next === null ? null : { late: late.next });
}

/** A response is its collector's as its last revision says. */
function refuseOthers({ onlyOf }: Caller, { user_id: userId }: StoredRevision): void {
  if (onlyOf !== undefined && userId !== onlyOf) {
    throw new Problem('not-yours', { detail: 'Your token shows you your own responses.' });
  }
}

/** A response may have had another collector, and what came late may be of another: neither is this one's to see. */
function ownOf<Entry extends { user_id: string }>({ onlyOf }: Caller, entries: Entry[]): Entry[] {
  return onlyOf === undefined ? entries : entries.filter(({ user_id: userId }) => userId === onlyOf);
}

/** No response has an id that the form would have refused, so such an id is as unknown as any other. */
function responseIdOf(event: HttpEvent): string {
  const parsed = id.safeParse(pathParameter(event, 'response_id'));
  if (!parsed.success) throw unknownResponse();
  return parsed.data;
}

function unknownResponse(): Problem {
  return new Problem('not-found', { detail: 'No response is stored under this id.' });
}

function erasedResponse(): Problem {
  return new Problem('erased', {
    detail: 'Its answers and their history are gone, and nothing is saved to it any more.',
  });
}
