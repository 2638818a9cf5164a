/** What is stored: the worklist of flagged responses, single responses, their history; and how one is erased. */
import type { StoredRevision } from '../../db-proxy-lambda/contract.ts';
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
import type { Dependencies } from './dependencies.ts';
import { id, listQuery } from './query.ts';

export function createHandler(dependencies: Dependencies) {
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

async function listResponses({ dbProxy }: Dependencies, event: HttpEvent, { onlyOf }: Caller): Promise<HttpResponse> {
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

async function getResponse({ dbProxy }: Dependencies, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const { response } = await dbProxy.call('getResponse', { response_id: responseIdOf(event) });
  if (response === null) throw unknownResponse();
  refuseOthers(caller, response);
  if (response.status === 'erased') throw erasedResponse();
  return jsonResponse(200, response);
}

async function eraseResponse({ dbProxy }: Dependencies, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const by = askedBy(event, caller);
  const { outcome } = await dbProxy.call('eraseResponse', { response_id: responseIdOf(event), by });
  if (outcome === 'unknown') throw unknownResponse();
  return { statusCode: 204 };
}

async function listRevisions({ dbProxy }: Dependencies, event: HttpEvent, caller: Caller): Promise<HttpResponse> {
  const responseId = responseIdOf(event);
  const items: StoredRevision[] = [];
  for (let complete = false; !complete;) {
    const page = await dbProxy.call('listRevisions', {
      response_id: responseId,
      after_revision: items.at(-1)?.revision ?? 0,
    });
    items.push(...page.items);
    complete = page.complete;
  }
  const last = items.at(-1);
  if (last === undefined) throw unknownResponse();
  refuseOthers(caller, last);
  if (last.status === 'erased') throw erasedResponse();
  const { items: late } = await dbProxy.call('listLateRevisions', { response_id: responseId });
  return jsonResponse(200, { items: ownOf(caller, items), late: ownOf(caller, late) });
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
