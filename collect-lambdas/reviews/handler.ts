/** Reviews of responses, their assignment to collectors, and the collectors' worklist. */
import { hash, randomUUID } from 'node:crypto';
import { idFromHash, isId, type IncomingReview } from '../../db-proxy-lambda/contract.ts';
import type { Fault } from '../../forms/values/fault.ts';
import { isTransient, REQUEST_MS } from '../shared/db-proxy-client.ts';
import { askedBy, jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { traceOf } from '../shared/logger.ts';
import { Problem } from '../shared/problem.ts';
import { nextCursor, pageResponse } from '../shared/query.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import { toReviewMessage } from '../shared/write-message.ts';
import type { Dependencies } from './dependencies.ts';
import { replyFor, unknownResponse, erased } from './reply.ts';
import type { newAssignment, newReview, reviewsQuery, worklistQuery } from './request.ts';

export async function reviewResponse(
  dependencies: Dependencies,
  request: BodyRequest<typeof newReview>,
): Promise<HttpResponse> {
  const { action, text, revision } = request.readBody();
  if (request.caller.onlyOf !== undefined && action !== 'comment') {
    throw new Problem('forbidden', {
      detail: `Only a manager can ${action} a response; a collector's token can comment, or send a correction.`,
    });
  }
  const errors = faultsOf(action, text, revision);
  if (errors.length > 0) throw new Problem('invalid-body', { errors });
  return await saveOrQueue(dependencies, request, { action, text: text ?? null, ...(revision && { revision }) });
}

export async function assignResponse(
  dependencies: Dependencies,
  request: BodyRequest<typeof newAssignment>,
): Promise<HttpResponse> {
  const { user_id: assignee, revision } = request.readBody();
  return await saveOrQueue(dependencies, request, {
    action: 'assign',
    text: null,
    assignee,
    ...(revision && { revision }),
  });
}

export async function listReviews(
  { dbProxy }: Dependencies,
  { event, caller: { onlyOf }, query: { cursor: after, limit } }: Request<typeof reviewsQuery>,
): Promise<HttpResponse> {
  const found = await dbProxy.call('listReviews', { response_id: responseIdOf(event), after, limit });
  if (found.outcome !== 'found') throw found.outcome === 'erased' ? erased() : unknownResponse();
  if (onlyOf !== undefined && found.user_id !== onlyOf) {
    throw new Problem('not-yours', { detail: 'Your token gives access to your own responses only.' });
  }
  return jsonResponse(200, { items: found.items, next_cursor: nextCursor(found.next) });
}

export async function listWork(
  { dbProxy }: Dependencies,
  { caller: { onlyOf }, query: { cursor: after, limit, user_id: asked } }: Request<typeof worklistQuery>,
): Promise<HttpResponse> {
  if (onlyOf !== undefined && (asked ?? onlyOf) !== onlyOf) {
    const detail = 'Leave it out: your token gives access to your own worklist only.';
    throw new Problem('not-yours', { errors: [{ pointer: '/user_id', detail }] });
  }
  return pageResponse(await dbProxy.call('listWork', { user_id: onlyOf ?? asked, after, limit }));
}

/** Faults of a review whose action needs a revision or a text. */
function faultsOf(action: IncomingReview['action'], text: string | undefined, revision: number | undefined): Fault[] {
  const faults: Fault[] = [];
  if (revision === undefined && action !== 'comment') {
    faults.push({ pointer: '/revision', detail: 'Send the revision of the response that you have seen.' });
  }
  if (text === undefined && action === 'comment') faults.push({ pointer: '/text', detail: 'Send the comment.' });
  if (text === undefined && action === 'return') {
    faults.push({ pointer: '/text', detail: 'Send what the collector should do.' });
  }
  return faults;
}

type Content = Pick<IncomingReview, 'action' | 'text' | 'revision' | 'assignee'>;

/** Saves a review. If the db-proxy fails transiently or the result is unknown, queues it: saving it twice is harmless. */
async function saveOrQueue(
  { dbProxy, enqueue, triggerPublish, logger, now }: Dependencies,
  { event, caller }: Pick<Request, 'event' | 'caller'>,
  content: Content,
): Promise<HttpResponse> {
  const responseId = responseIdOf(event);
  const by = askedBy(event, caller);
  const key = idempotencyKeyOf(event);
  const { action, text, revision, assignee } = content;
  const review: IncomingReview = {
    review_id: key === undefined ? randomUUID() : idFromHash(JSON.stringify([by.token_id ?? caller.onlyOf, key])),
    content_hash: hash('sha256', JSON.stringify([responseId, action, text, revision, assignee])),
    response_id: responseId,
    ...content,
    ...(caller.onlyOf !== undefined && { only_of: caller.onlyOf }),
    sent_at: new Date(now()).toISOString(),
    by,
  };
  try {
    const { results } = await dbProxy.call('saveReviews', { reviews: [review] }, AbortSignal.timeout(REQUEST_MS));
    const [outcome] = results;
    if (outcome === undefined) throw new Error('The proxy returned no outcome.');
    await triggerPublish();
    return replyFor(outcome);
  } catch (error) {
    if (!isTransient(error)) throw error;
    try {
      await enqueue(toReviewMessage(review));
    } catch (failure) {
      logger.error('review not queued', traceOf(failure));
      throw error;
    }
    logger.warn('review queued', { code: error.code });
    return jsonResponse(202, { review_id: review.review_id, response_id: responseId, action, status: 'queued' });
  }
}

/** @throws {Problem} 422 */
function idempotencyKeyOf({ headers }: HttpEvent): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || /^[\x21-\x7e]{1,128}$/.test(key)) return key;
  const detail = 'Send 1 to 128 visible ASCII characters, such as a UUID, or leave the header out.';
  throw new Problem('invalid-parameter', { errors: [{ pointer: '/Idempotency-Key', detail }] });
}

/** @throws {Problem} 404 if no response can have this id */
function responseIdOf(event: HttpEvent): string {
  const responseId = pathParameter(event, 'response_id');
  if (!isId(responseId)) throw unknownResponse();
  return responseId;
}
