/** The submissions of a response, as field apps of the ODK family sent them. */
import { PAGE_BYTES } from '../../db-proxy-lambda/contract.ts';
import { jsonResponse, type HttpResponse } from '../shared/http.ts';
import { inGroups } from '../shared/in-groups.ts';
import { listAll } from '../shared/object-store.ts';
import { nextCursor } from '../shared/query.ts';
import type { Request } from '../shared/route.ts';
import { isKept, readInstanceAt, type KeptInstance } from '../shared/submissions/instance.ts';
import { correctionsPrefix, instanceKey, instanceKeyOf } from '../shared/submissions/keys.ts';
import type { Dependencies } from './dependencies.ts';
import { findResponse } from './handler.ts';
import type { submissionsQuery, SubmissionPosition } from './query.ts';

const READ_AT_ONCE = 10;

/** A page in order of arrival, newest last. A response that was sent as JSON has none. */
export async function listSubmissions(
  dependencies: Dependencies,
  request: Request<typeof submissionsQuery>,
): Promise<HttpResponse> {
  const { response_id: responseId } = await findResponse(dependencies, request);
  const { cursor } = request.query;
  const left = (await positionsOf(dependencies, responseId)).filter(
    ({ position }) => cursor === undefined || isAfter(position, cursor),
  );
  const items: object[] = [];
  let bytes = 0;
  let last: SubmissionPosition | null = null;
  for (const { key, position } of left) {
    const instance = await readOf(dependencies, responseId, key);
    if (instance === undefined) continue;
    const { instance_id, user_id, received_at, submission } = instance;
    const item = { instance_id, user_id, received_at, xml: submission.xml };
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (items.length > 0 && bytes > PAGE_BYTES) {
      return page(items, last);
    }
    items.push(item);
    last = position;
  }
  return page(items, null);
}

function page(items: readonly object[], next: SubmissionPosition | null): HttpResponse {
  return jsonResponse(200, { items, next_cursor: nextCursor(next) }, { 'cache-control': 'no-store' });
}

/** The keys of all submissions, in order of arrival. The XML of all may be too large to hold. */
async function positionsOf(dependencies: Dependencies, responseId: string) {
  const prefix = correctionsPrefix(responseId);
  const corrections = (await listAll(dependencies.files, prefix)).map(({ key }) => key.slice(prefix.length));
  const keys = [instanceKey(responseId), ...corrections.map(instanceKeyOf)];
  const read = await inGroups(READ_AT_ONCE, keys, async (key) => {
    const instance = await readOf(dependencies, responseId, key);
    if (instance === undefined) return [];
    const { received_at, instance_id } = instance;
    return [{ key, position: { received_at, instance_id } }];
  });
  return read.flat().toSorted((a, b) => (isAfter(a.position, b.position) ? 1 : -1));
}

/** @returns undefined if the submission is of another response, or erased */
async function readOf({ files }: Dependencies, responseId: string, key: string): Promise<KeptInstance | undefined> {
  const instance = await readInstanceAt(files, key);
  return instance?.response_id === responseId && isKept(instance) ? instance : undefined;
}

function isAfter(one: SubmissionPosition, other: SubmissionPosition): boolean {
  if (one.received_at !== other.received_at) return one.received_at > other.received_at;
  return one.instance_id > other.instance_id;
}
