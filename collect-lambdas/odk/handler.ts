/** Submissions of field apps. The forms that they download are in forms.ts. */
import { REQUEST_MS } from '../shared/db-proxy-client.ts';
import { addressOf, pathParameter, type HttpResponse } from '../shared/http.ts';
import { countRefusal, countResponses } from '../shared/intake/count.ts';
import type { Request } from '../shared/route.ts';
import type { Dependencies } from './dependencies.ts';
import { checkToken, guarded } from './guards.ts';
import { receive, type Received } from './receive.ts';
import { replyTo } from './reply.ts';
import { ACCEPTED_BYTES, readSubmission } from './upload.ts';

/** Replies that this address takes submissions, and how large a request may be. */
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
  const reply = await guarded(() =>
    countRefusal(async () => {
      const received = await receive(dependencies, device, upload, signal);
      const counted = replyTo(received);
      countResponses(countsOf(received));
      return counted;
    }),
  );
  return { ...reply, headers: { ...reply.headers, location: locationOf(event) } };
}

/** New revisions are counted from their events. Submissions that are saved later count as queued. */
function countsOf(received: Received): Parameters<typeof countResponses>[0] {
  const outcome = typeof received === 'string' ? received : received.outcome;
  if (outcome === 'unchanged' || outcome === 'repeated') return { unchanged: 1 };
  return outcome === 'queued' || outcome === 'pending' || outcome === 'waiting' ? { queued: 1 } : {};
}

function locationOf(event: Request['event']): string {
  return `${addressOf(event)}/odk/${encodeURIComponent(pathParameter(event, 'token'))}/submission`;
}
