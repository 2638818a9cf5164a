/** Responses come in: read, checked, saved, answered with their flags. */
import type { SaveOutcome } from '../../db-proxy-lambda/contract.ts';
import { parseJson } from '../../forms/json.ts';
import type { CompiledForm } from '../shared/form-store.ts';
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
import { findResponseId, judge, readResponse } from './check.ts';
import { countRefusal, countResponses } from './count.ts';
import type { Dependencies } from './dependencies.ts';

/** The form behind POST /collect. */
const FIRST_FORM = 'household_finances';

/** Hundreds of long answers fit; a body that is larger was not made by a survey form. */
const MAX_RESPONSE_BYTES = 256_000;

export function createHandler(dependencies: Dependencies) {
  return routeRequests(
    {
      'POST /collect': (event) => countRefusal(() => collectOne(dependencies, FIRST_FORM, event)),
      'POST /collect/batch': (event) => collectBatch(dependencies, FIRST_FORM, event),
      'POST /forms/{form_id}/responses': (event) =>
        countRefusal(() => collectOne(dependencies, pathParameter(event, 'form_id'), event)),
      'POST /forms/{form_id}/responses/batch': (event) =>
        collectBatch(dependencies, pathParameter(event, 'form_id'), event),
      'GET /health': () => health(dependencies),
    },
    dependencies.logger,
  );
}

async function collectOne(dependencies: Dependencies, formId: string, event: HttpEvent): Promise<HttpResponse> {
  const { text } = readText(event, ['application/json'], MAX_RESPONSE_BYTES);
  const body = parseJson(text);
  if (!body.ok) throw new Problem('not-json', { errors: [body.fault] });
  dependencies.logger.appendKeys({ response_id: findResponseId(body.value) });
  const form = await findForm(dependencies, formId);
  const responses = await judge(form, [readResponse(form, body.value)]);
  const { results } = await dependencies.dbProxy.call('saveResponses', { responses });
  const [incoming] = responses;
  const [outcome] = results;
  if (incoming === undefined || outcome === undefined) throw new Error('The proxy answered for no response.');
  const answer = answerFor(incoming, outcome);
  countResponses({ [outcome.outcome === 'unchanged' ? 'unchanged' : answer.status]: 1 });
  return jsonResponse(outcome.outcome === 'created' ? 201 : 200, answer);
}

async function collectBatch(dependencies: Dependencies, formId: string, event: HttpEvent): Promise<HttpResponse> {
  const { type, text } = readText(event, ['application/json', 'application/x-ndjson'], MAX_BATCH_BYTES);
  const items = readBatch(type, text);
  const checked = await checkBatch(await findForm(dependencies, formId), items);
  const responses = checked.flatMap((each) => ('incoming' in each ? [each.incoming] : []));
  const outcomes: SaveOutcome[] = [];
  // When a later call fails, what an earlier one saved is unchanged at the retry.
  for (const call of splitIntoCalls(responses, Buffer.byteLength(text))) {
    const { results } = await dependencies.dbProxy.call('saveResponses', { responses: call });
    outcomes.push(...results);
  }
  const { text: answer, summary } = answerBatch(checked, outcomes);
  countResponses(summary);
  return jsonText(200, answer);
}

/** Ready means that a response sent now would be saved. */
async function health({ dbProxy }: Dependencies): Promise<HttpResponse> {
  const { database } = await dbProxy.call('ping', {});
  return jsonResponse(200, { status: 'ok', database });
}

async function findForm({ forms }: Dependencies, formId: string): Promise<CompiledForm> {
  const form = await forms.get(formId);
  if (form === undefined)
    throw new Problem('not-found', { detail: 'There is no form with this id; GET /forms lists them.' });
  return form;
}
