/** Single stored responses, their history, and their erasure. */
import { PAGE_BYTES, type LateRevision, type StoredRevision } from '../../db-proxy-lambda/contract.ts';
import type { Caller } from '../shared/access.ts';
import { askedBy, jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem, unavailable } from '../shared/problem.ts';
import { ERASURE_MARKERS, leaveMarker } from '../shared/owed.ts';
import { eraseFiles } from '../shared/erase-files.ts';
import { hashOf } from '../shared/xform-files.ts';
import { traceOf } from '../shared/logger.ts';
import { nextCursor } from '../shared/query.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import { id, type historyQuery, type HistoryPosition } from './query.ts';

export async function getResponse(dependencies: Dependencies, request: Request): Promise<HttpResponse> {
  return jsonResponse(200, await findResponse(dependencies, request));
}

/**
 * Erases a response, then its files. The marker comes first and stays: the sweep removes the files again, in case this
 * function dies or a file arrives while it runs.
 */
export async function eraseResponse(
  { dbProxy, files, store, logger, triggerPublish }: Dependencies,
  { event, caller }: Request,
): Promise<HttpResponse> {
  const about = { response_id: responseIdOf(event) };
  const marker = ERASURE_MARKERS + hashOf(about.response_id);
  if (!(await leaveMarker(store, logger, marker, about, about))) {
    throw unavailable('The response is not erased; send the request again.');
  }
  const { outcome } = await dbProxy.call('eraseResponse', { ...about, by: askedBy(event, caller) });
  if (outcome === 'unknown') throw unknownResponse();
  await triggerPublish();
  try {
    await eraseFiles(files, about.response_id);
  } catch (error) {
    logger.error('files not erased', { ...about, ...traceOf(error) });
    throw unavailable(
      'The answers are erased, and the files will be within minutes; send the request again to erase them immediately.',
    );
  }
  return { statusCode: 204 };
}

/** A page of the history: first the revisions, then the late responses, in the same reply if both fit. */
export async function listRevisions(
  dependencies: Dependencies,
  request: Request<typeof historyQuery>,
): Promise<HttpResponse> {
  const { dbProxy } = dependencies;
  const { caller, query } = request;
  const { cursor = { after_revision: 0 } } = query;
  const { response_id } = await findResponse(dependencies, request);

  const page = (items: StoredRevision[], late: LateRevision[], next: HistoryPosition | null): HttpResponse =>
    jsonResponse(200, {
      items: ownOf(caller, items),
      late: ownOf(caller, late),
      next_cursor: nextCursor(next),
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

/** The last revision of a response. @throws {Problem} 404, 403 for another collector's response, 410 */
export async function findResponse(
  { dbProxy }: Pick<Dependencies, 'dbProxy'>,
  { event, caller: { onlyOf } }: Pick<Request, 'event' | 'caller'>,
): Promise<StoredRevision> {
  const { response } = await dbProxy.call('getResponse', { response_id: responseIdOf(event) });
  if (response === null) throw unknownResponse();
  if (onlyOf !== undefined && response.user_id !== onlyOf) {
    throw new Problem('not-yours', { detail: 'Your token gives access to your own responses only.' });
  }
  if (response.status !== 'erased') return response;
  throw new Problem('erased', {
    detail: 'Its answers and their history were erased, and nothing can be saved under its id.',
  });
}

/** Earlier and late revisions may belong to other collectors; a collector sees only their own. */
function ownOf<Entry extends { user_id: string }>({ onlyOf }: Caller, entries: Entry[]): Entry[] {
  return onlyOf === undefined ? entries : entries.filter(({ user_id: userId }) => userId === onlyOf);
}

/** @throws {Problem} 404 if no response can have this id */
function responseIdOf(event: HttpEvent): string {
  const parsed = id.safeParse(pathParameter(event, 'response_id'));
  if (!parsed.success) throw unknownResponse();
  return parsed.data;
}

function unknownResponse(): Problem {
  return new Problem('not-found', { detail: 'No response is stored under this id.' });
}
