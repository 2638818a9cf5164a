/** A phone that was offline sends what it has gathered: each response by itself, one call of the proxy for all. */
import type { IncomingResponse, SaveOutcome } from '../../db-proxy-lambda/contract.ts';
import { parseJson, parseNdjson, type JsonResult } from '../../forms/json.ts';
import type { CompiledForm } from '../shared/form-store.ts';
import { isObject } from '../shared/http.ts';
import { Problem, type ProblemDetails } from '../shared/problem.ts';
import { answerFor, type Answer } from './answer.ts';
import { checkResponse } from './check.ts';

export const MAX_BATCH_RESPONSES = 1_000;
export const MAX_BATCH_BYTES = 5_000_000;

/** Lambda takes replies of at most 6 MB; an answer that would come near leaves out the responses that it repeats. */
const MAX_ANSWER_BYTES = 5_000_000;

export type BatchContentType = 'application/json' | 'application/x-ndjson';

export interface Rejection {
  index: number;
  response_id?: string;
  status: 'rejected';
  problem: ProblemDetails;
}

export interface BatchAnswer {
  results: (Answer | Rejection)[];
  summary: { accepted: number; flagged: number; unchanged: number; rejected: number };
}

/**
 * Splits a batch into its responses; in NDJSON a line that is not JSON is that response's own fault.
 *
 * @throws {Problem} 400 not JSON, 413 too many, 422 not an array
 */
export function readBatch(type: BatchContentType, text: string): JsonResult[] {
  const items = type === 'application/json' ? readArray(text) : [...parseNdjson(text, MAX_BATCH_RESPONSES + 1)];
  if (items.length > MAX_BATCH_RESPONSES) {
    throw new Problem('too-large', {
      detail: `A batch takes at most ${MAX_BATCH_RESPONSES} responses; send the rest in another.`,
    });
  }
  return items;
}

function readArray(text: string): JsonResult[] {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Problem('not-json', { errors: [parsed.fault] });
  if (!Array.isArray(parsed.value)) {
    throw new Problem('invalid-response', { errors: [{ pointer: '', detail: 'Send an array of responses.' }] });
  }
  return parsed.value.map((value: unknown) => ({ ok: true, value }));
}

/** What became of one item before anything was saved. */
export type Checked = { incoming: IncomingResponse } | { problem: Problem; responseId?: string };

/** Reads and judges every item. A bad one does not fail its neighbours. */
export async function checkBatch(compiled: CompiledForm, items: readonly JsonResult[]): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const item of items) checked.push(await checkItem(compiled, item));
  return checked;
}

async function checkItem(compiled: CompiledForm, item: JsonResult): Promise<Checked> {
  if (!item.ok) return { problem: new Problem('not-json', { errors: [item.fault] }) };
  try {
    return { incoming: await checkResponse(compiled, item.value) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problem: error, ...responseIdOf(item.value) };
  }
}

/** A rejected response is named too, where what was sent has a usable id. */
function responseIdOf(value: unknown): { responseId?: string } {
  const responseId = isObject(value) ? value['response_id'] : undefined;
  return typeof responseId === 'string' && responseId.length <= 128 ? { responseId } : {};
}

/**
 * Puts the proxy's outcomes beside the items they belong to.
 *
 * @param outcomes one for each item that was sent to the proxy, in order
 */
export function answerBatch(checked: readonly Checked[], outcomes: readonly SaveOutcome[]): BatchAnswer {
  const summary = { accepted: 0, flagged: 0, unchanged: 0, rejected: 0 };
  const remaining = outcomes.values();
  const results = checked.map((each, index): Answer | Rejection => {
    const result = answerItem(each, index, remaining);
    if (result.status === 'rejected') summary.rejected += 1;
    else if (result.unchanged) summary.unchanged += 1;
    else summary[result.answer.status] += 1;
    return result.status === 'rejected' ? result : result.answer;
  });
  return withinReplyLimit({ results, summary });
}

function answerItem(
  each: Checked,
  index: number,
  outcomes: IterableIterator<SaveOutcome>,
): Rejection | { status: 'saved'; unchanged: boolean; answer: Answer } {
  if ('problem' in each) return reject(index, each.problem, each.responseId);
  const { incoming } = each;
  const outcome = outcomes.next().value;
  if (outcome === undefined) throw new Error('The proxy answered for fewer responses than it was sent.');
  try {
    return { status: 'saved', unchanged: outcome.outcome === 'unchanged', answer: answerFor(incoming, outcome) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return reject(index, error, incoming.response_id);
  }
}

function reject(index: number, problem: Problem, responseId: string | undefined): Rejection {
  return {
    index,
    ...(responseId !== undefined && { response_id: responseId }),
    status: 'rejected',
    problem: problem.body,
  };
}

function withinReplyLimit(answer: BatchAnswer): BatchAnswer {
  if (Buffer.byteLength(JSON.stringify(answer)) <= MAX_ANSWER_BYTES) return answer;
  return {
    ...answer,
    results: answer.results.map((result) => {
      if (result.status === 'rejected') return result;
      const { response: _repeated, ...rest } = result;
      return rest;
    }),
  };
}
