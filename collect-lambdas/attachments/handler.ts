/** The files of a response: lists them with links, and prepares the upload of one. */
import { isId, MAX_ATTACHMENTS } from '../../db-proxy-lambda/contract.ts';
import { uploadKey } from '../shared/attachment-keys.ts';
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { BodyRequest, Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import type { newAttachment } from './request.ts';

/** Lifetime of a link. */
const LINK_SECONDS = 900;

export async function listAttachments(
  { dbProxy, links }: Dependencies,
  { event, caller: { onlyOf } }: Request,
): Promise<HttpResponse> {
  const responseId = responseIdOf(event);
  const found = await dbProxy.call('listAttachments', { response_id: responseId });
  if (found.outcome !== 'found') throw found.outcome === 'erased' ? erased() : unknownResponse();
  if (onlyOf !== undefined && found.user_id !== onlyOf) throw notYours();
  const items = found.items.map(async ({ object_key: key, ...file }) => ({
    ...file,
    link: await links.toDownload(key, file, LINK_SECONDS),
  }));
  const { form_id, expected, missing } = found;
  const body = { response_id: responseId, form_id, expected, missing, items: await Promise.all(items) };
  return jsonResponse(200, body, { 'cache-control': 'no-store' });
}

/** The response itself may come later: a phone may send photos first. */
export async function addAttachment(
  { dbProxy, links, now }: Dependencies,
  { event, caller: { onlyOf }, readBody }: BodyRequest<typeof newAttachment>,
): Promise<HttpResponse> {
  const responseId = responseIdOf(event);
  const { name, bytes, sha256, type } = readBody();
  const file = { name, bytes, sha256, type, object_key: uploadKey(responseId, { name, sha256 }) };
  const { outcome } = await dbProxy.call('awaitUpload', {
    response_id: responseId,
    file,
    ...(onlyOf !== undefined && { only_of: onlyOf }),
  });
  switch (outcome) {
    case 'stored':
      return jsonResponse(200, { status: 'stored', name });
    case 'other_collector':
      throw notYours();
    case 'erased':
      throw erased();
    case 'full': {
      const detail = `The response has ${MAX_ATTACHMENTS} attachments, which is the maximum. Do not send this file.`;
      throw new Problem('invalid-body', { errors: [{ pointer: '/name', detail }] });
    }
    case 'awaited': {
      const upload = await links.toUpload(file.object_key, file, LINK_SECONDS);
      const expires = new Date(now() + LINK_SECONDS * 1_000).toISOString();
      const body = { status: 'awaited', name, upload: { method: 'PUT', ...upload, expires_at: expires } };
      return jsonResponse(201, body, { 'cache-control': 'no-store' });
    }
  }
}

/** @throws {Problem} 404 if no response can have this id */
function responseIdOf(event: HttpEvent): string {
  const responseId = pathParameter(event, 'response_id');
  if (!isId(responseId)) throw unknownResponse();
  return responseId;
}

function unknownResponse(): Problem {
  return new Problem('not-found', { detail: 'No response is stored under this id.' });
}

function notYours(): Problem {
  return new Problem('not-yours', { detail: 'Your token gives access to your own responses only.' });
}

function erased(): Problem {
  return new Problem('erased', {
    detail: 'The response was erased, and its files too. Delete the files from the device.',
  });
}
