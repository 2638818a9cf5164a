/** Responses come in: read, checked, saved or queued, answered with their flags. */
import { annotate } from '@collect/tracing';
import type { CompiledForm } from '../../forms/compiled-form.ts';
import { parseJson } from '../../forms/json.ts';
import type { Caller } from '../shared/access.ts';
import { REQUEST_MS } from '../shared/db-proxy-client.ts';
import {
  jsonResponse,
  jsonText,
  pathParameter,
  readText,
  routeRequests,
  type HttpEvent,
  type HttpResponse,
} from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { answerFor } from './answer.ts';
import { answerBatch, checkBatch, MAX_BATCH_BYTES, readBatch, splitIntoCalls } from './batch.ts';
import { findResponseId, judge, MAX_RESPONSE_BYTES, readResponse } from './check.ts';
import { countRefusal, countResponses } from './count.ts';
import type { Dependencies } from './dependencies.ts';
import { saveOrQueue, type Outcome } from './save.ts';

/** The form behind POST /collect. */
const FIRST_FORM = 'household_finances';

/**
 * What a batch may take to judge its responses, of the 29 seconds that the function has: the proxy (18 seconds from the
 * start for all calls) and the queue (8 seconds) come after it. A form that was long in coming still gets 2 seconds.
 */
const JUDGE_MS = 8_000;
const JUDGE_MS_AT_LEAST = 2_000;

export function createHandler(dependencies: Dependencies) {
  return routeRequests(
    {
      'POST /collect': (event, caller) => countRefusal(() => collectOne(dependencies, FIRST_FORM, event, caller)),
      'POST /collect/batch': (event, caller) => collectBatch(dependencies, FIRST_FORM, event, caller),
      'POST /forms/{form_id}/responses': (event, caller) =>
        countRefusal(() => collectOne(dependencies, pathParameter(event, 'form_id'), event, caller)),
      'POST /forms/{form_id}/responses/batch': (event, caller) =>
        collectBatch(dependencies, pathParameter(event, 'form_id'), event, caller),
      'GET /health': () => health(dependencies),
    },
    dependencies.logger,
  );
}

async function collectOne(
  dependencies: Dependencies,
  formId: string,
  event: HttpEvent,
  caller: Caller,
): Promise<HttpResponse> {
  const { text } = readText(event, ['application/json'], MAX_RESPONSE_BYTES);
  const body = parseJson(text);
  if (!body.ok) throw new Problem('not-json', { errors: [body.fault] });
  const about = { response_id: findResponseId(body.value) };
  dependencies.logger.appendKeys(about);
  annotate(about);
  // One time limit for all that is asked of the proxy, so that there is time left to queue.
  const signal = AbortSignal.timeout(REQUEST_MS);
  const form = await findForm(dependencies, formId, signal);
  const incoming = await judge(form, caller, readResponse(form, caller, body.value, dependencies.now()));
  const [outcome] = await saveOrQueue(dependencies, [[incoming]], signal);
  if (outcome === undefined) throw new Error('The proxy answered for no response.');
  const answer = answerFor(incoming, outcome);
  countResponses({ [outcome.outcome === 'unchanged' ? 'unchanged' : answer.status]: 1 });
  return jsonResponse(statusFor(outcome), answer);
}

function statusFor({ outcome }: Outcome): number {
  if (outcome === 'queued') return 202;
  return outcome === 'created' ? 201 : 200;
}

async function collectBatch(
  dependencies: Dependencies,
  formId: string,
  event: HttpEvent,
  caller: Caller,
): Promise<HttpResponse> {
  const { type, text } = readText(event, ['application/json', 'application/x-ndjson'], MAX_BATCH_BYTES);
  const { now } = dependencies;
  const deadline = now() + JUDGE_MS;
  const items = readBatch(type, text);
  const signal = AbortSignal.timeout(REQUEST_MS);
  const form = await findForm(dependencies, formId, signal);
  const until = Math.max(deadline, now() + JUDGE_MS_AT_LEAST);
  const checked = await checkBatch(form, caller, items, { now, until });
  const responses = checked.flatMap((each) => ('incoming' in each ? [each.incoming] : []));
  // When a later call fails for good, what an earlier one saved is unchanged at the retry.
  const outcomes = await saveOrQueue(dependencies, splitIntoCalls(responses, Buffer.byteLength(text)), signal);
  const isQueued = outcomes.some(({ outcome }) => outcome === 'queued');
  const { text: answer, summary } = answerBatch(checked, outcomes);
  countResponses(summary);
  return jsonText(isQueued ? 202 : 200, answer);
}

/** Ready means that a response sent now would be saved. */
async function health({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { database } = await dbProxy.call('ping', {});
  return jsonResponse(200, { status: 'ok', database });
}

async function findForm({ forms }: Dependencies, formId: string, signal: AbortSignal): Promise<CompiledForm> {
  const form = await forms.get(formId, signal);
  if (form === undefined)
    throw new Problem('not-found', { detail: 'There is no form with this id; GET /forms lists them.' });
  return form;
}
