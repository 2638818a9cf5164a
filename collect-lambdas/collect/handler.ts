/** Receives responses: validates and checks them, saves or queues them, and returns their flags. */
import { annotate } from '@collect/tracing';
import { readJson } from '../shared/body.ts';
import { REQUEST_MS } from '../shared/db-proxy-client.ts';
import { jsonResponse, jsonText, readText, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { checkBatch, MAX_BATCH_BYTES, readBatch, replyToBatch, splitIntoCalls } from './batch.ts';
import { checkRules, findResponseId, MAX_RESPONSE_BYTES, readResponse } from '../shared/intake/check.ts';
import type { Dependencies } from './dependencies.ts';
import { countRefusal, countResponses } from '../shared/intake/count.ts';
import { findFormVersions, type FormVersions } from '../shared/intake/form-versions.ts';
import { replyFor } from './reply.ts';
import { saveOrQueue, type Outcome } from '../shared/intake/save.ts';

/** The form of POST /collect. */
const FIRST_FORM = 'household_finances';

/**
 * Time limit for checking a batch, out of the function's 29 seconds. The calls of the proxy end 18 seconds after the
 * start at the latest; the queue has 8 seconds more. After a slow lookup of the form, checking still gets 2 seconds.
 */
const CHECK_MS = 8_000;
const MIN_CHECK_MS = 2_000;

export function collect(dependencies: Dependencies, request: Request): Promise<HttpResponse> {
  return countRefusal(() => collectOne(dependencies, request));
}

async function collectOne(dependencies: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const body = readJson(event, MAX_RESPONSE_BYTES);
  const about = { response_id: findResponseId(body) };
  dependencies.logger.appendKeys(about);
  annotate(about);
  // All calls to the proxy share one time limit, which leaves time to queue.
  const signal = AbortSignal.timeout(REQUEST_MS);
  const form = await findForm(dependencies, event, signal);
  const now = dependencies.now();
  const submission = await readResponse(form, caller, body, now);
  const incoming = await checkRules(form.newest(), caller, submission, now);
  const [outcome] = await saveOrQueue(dependencies, [[incoming]], signal);
  if (outcome === undefined) throw new Error('The proxy returned no outcome.');
  const reply = replyFor(incoming, outcome);
  countResponses({ [outcome.outcome === 'unchanged' ? 'unchanged' : reply.status]: 1 });
  return jsonResponse(statusFor(outcome), reply);
}

function statusFor({ outcome }: Outcome): number {
  if (outcome === 'queued') return 202;
  return outcome === 'created' ? 201 : 200;
}

export async function collectBatch(dependencies: Dependencies, { event, caller }: Request): Promise<HttpResponse> {
  const { type, text } = readText(event, ['application/json', 'application/x-ndjson'], MAX_BATCH_BYTES);
  const { now } = dependencies;
  const deadline = now() + CHECK_MS;
  const items = readBatch(type, text);
  const signal = AbortSignal.timeout(REQUEST_MS);
  const form = await findForm(dependencies, event, signal);
  const until = Math.max(deadline, now() + MIN_CHECK_MS);
  const checked = await checkBatch(form, caller, items, { now, until });
  const responses = checked.flatMap((each) => ('incoming' in each ? [each.incoming] : []));
  // If a later call fails permanently, the client's retry finds the responses of the earlier calls unchanged.
  const outcomes = await saveOrQueue(dependencies, splitIntoCalls(responses), signal);
  const isQueued = outcomes.some(({ outcome }) => outcome === 'queued');
  const { text: reply, summary } = replyToBatch(checked, outcomes);
  countResponses(summary);
  return jsonText(isQueued ? 202 : 200, reply);
}

/** 200 means that Collect can save a survey response now. */
export async function health({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { database } = await dbProxy.call('ping', {});
  return jsonResponse(200, { status: 'ok', database });
}

async function findForm({ forms }: Dependencies, event: HttpEvent, signal: AbortSignal): Promise<FormVersions> {
  const form = await findFormVersions(forms, event.pathParameters?.['form_id'] ?? FIRST_FORM, signal);
  if (form !== undefined) return form;
  throw new Problem('not-found', { detail: 'There is no form with this id; GET /forms lists them.' });
}
