/** Submissions of field apps. The forms that they download are in forms.ts. */
import { REQUEST_MS } from '../shared/db-proxy-client.ts';
import { addressOf, pathParameter, type HttpResponse } from '../shared/http.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import { checkToken, guarded } from './guards.ts';
import { receive } from './receive.ts';
import { replyTo } from './reply.ts';
import { ACCEPTED_BYTES, readSubmission } from './upload.ts';

/** Says that submissions are welcome here, and how large a request may be. */
export async function announce(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  await checkToken(dependencies, event);
  return {
    statusCode: 204,
    headers: { 'x-openrosa-accept-content-length': String(ACCEPTED_BYTES), location: locationOf(event) },
  };
}

export async function submit(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const device = await checkToken(dependencies, event);
  const upload = await readSubmission(event);
  const signal = AbortSignal.timeout(REQUEST_MS);
  const reply = replyTo(await guarded(() => receive(dependencies, device, upload, signal)));
  return { ...reply, headers: { ...reply.headers, location: locationOf(event) } };
}

function locationOf(event: Request['event']): string {
  return `${addressOf(event)}/odk/${encodeURIComponent(pathParameter(event, 'token'))}/submission`;
}
