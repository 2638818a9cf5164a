/** A phone that was offline sends what it has gathered: each response by itself, one call of the proxy for all. */
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { parseJson, parseNdjson, type JsonResult } from '../../forms/json.ts';
import type { Submission } from '../../forms/submission.ts';
import type { Caller } from '../shared/access.ts';
import type { CompiledForm } from '../shared/form-store.ts';
import { jsonLoad, pack } from '../shared/pack.ts';
import { Problem, type ProblemDetails } from '../shared/problem.ts';
import { answerFor, type Answer, type QueuedAnswer } from './answer.ts';
import { findResponseId, judge, readResponse } from './check.ts';
import type { Counts } from './count.ts';
import type { Outcome } from './save.ts';

export const MAX_BATCH_RESPONSES = 1_000;
export const MAX_BATCH_BYTES = 5_000_000;

/** Lambda takes and gives at most 6 MB: what is more goes to the proxy in several calls, or is left out of the answer. */
const MAX_PAYLOAD_BYTES = 5_500_000;

/** Faults of a response that an answer of that size still names. */
const FAULTS_KEPT = 3;

export type BatchContentType = 'application/json' | 'application/x-ndjson';

export interface Rejection {
  index: number;
  response_id?: string;
  status: 'rejected';
  problem: ProblemDetails;
}

type Result = Answer | QueuedAnswer | Rejection;

export interface BatchAnswer {
  results: Result[];
  summary: Counts;
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
export type Checked = { incoming: IncomingResponse } | Refused;

interface Refused {
  problem: Problem;
  responseId?: string | undefined;
}

/** Reads and judges every item. A bad one does not fail its neighbours. */
export async function checkBatch(
  compiled: CompiledForm,
  caller: Caller,
  items: readonly JsonResult[],
): Promise<Checked[]> {
  const read = items.map((item) => readItem(compiled, caller, item));
  const judged = await judge(
    compiled,
    caller,
    read.flatMap((each) => ('submission' in each ? [each.submission] : [])),
  );
  const remaining = judged.values();
  return read.map((each): Checked => {
    if ('problem' in each) return each;
    const { value: incoming } = remaining.next();
    if (incoming === undefined) throw new Error('Fewer responses were judged than read.');
    return { incoming };
  });
}

function readItem(compiled: CompiledForm, caller: Caller, item: JsonResult): { submission: Submission } | Refused {
  if (!item.ok) return { problem: new Problem('not-json', { errors: [item.fault] }) };
  try {
    return { submission: readResponse(compiled, caller, item.value) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problem: error, responseId: findResponseId(item.value) };
  }
}

/** What a response gains on its way to the proxy, beside its flags: ids (up to 512 bytes each), times, hash, status. */
const FRAME_BYTES = 2_000;

/**
 * Splits what is to be saved into what one call of the proxy takes: all of it, but for the largest batches.
 *
 * @param sentBytes of the batch; a small one need not be measured, which costs as much as writing it
 */
export function splitIntoCalls(responses: readonly IncomingResponse[], sentBytes: number): IncomingResponse[][] {
  const flags = responses.flatMap((response) => response.flags);
  const most = sentBytes + responses.length * FRAME_BYTES + Buffer.byteLength(JSON.stringify(flags));
  if (most <= MAX_PAYLOAD_BYTES) return responses.length === 0 ? [] : [[...responses]];
  return pack(responses, { bytes: MAX_PAYLOAD_BYTES }, jsonLoad);
}

/**
 * Puts the proxy's outcomes beside the items they belong to.
 *
 * @returns the answer as JSON, and its summary by itself
 * @param outcomes one for each item that was judged, in order
 */
export function answerBatch(
  checked: readonly Checked[],
  outcomes: readonly Outcome[],
): { text: string; summary: Counts } {
  const counts = { accepted: 0, flagged: 0, unchanged: 0, queued: 0, rejected: 0 };
  const remaining = outcomes.values();
  const results = checked.map((each, index): Result => {
    const result = answerItem(each, index, remaining);
    if (result.status === 'rejected') counts.rejected += 1;
    else if (result.unchanged) counts.unchanged += 1;
    else counts[result.answer.status] += 1;
    return result.status === 'rejected' ? result : result.answer;
  });
  const { queued, ...saved } = counts;
  const summary = queued === 0 ? saved : counts;
  return { text: withinReplyLimit({ results, summary }), summary };
}

function answerItem(
  each: Checked,
  index: number,
  outcomes: IterableIterator<Outcome>,
): Rejection | { status: 'taken'; unchanged: boolean; answer: Answer | QueuedAnswer } {
  if ('problem' in each) return reject(index, each.problem, each.responseId);
  const { incoming } = each;
  const outcome = outcomes.next().value;
  if (outcome === undefined) throw new Error('The proxy answered for fewer responses than it was sent.');
  try {
    return { status: 'taken', unchanged: outcome.outcome === 'unchanged', answer: answerFor(incoming, outcome) };
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

/** An answer that Lambda would not take leaves out what it can: the responses that it repeats, then most faults. */
function withinReplyLimit(answer: BatchAnswer): string {
  let { results } = answer;
  let text = JSON.stringify(answer);
  for (const shorten of [withoutResponse, withFewFaults, withoutFaults]) {
    if (Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES) break;
    results = results.map(shorten);
    text = JSON.stringify({ ...answer, results });
  }
  return text;
}

function withoutResponse(result: Result): Result {
  if (result.status === 'rejected') return result;
  const { response: _repeated, ...rest } = result;
  return rest;
}

function withFewFaults(result: Result): Result {
  if (result.status !== 'rejected' || (result.problem.errors?.length ?? 0) <= FAULTS_KEPT) return result;
  const { errors = [], ...problem } = result.problem;
  const detail = `It has ${errors.length} faults, of which these are the first; send it alone to see all.`;
  return { ...result, problem: { ...problem, detail, errors: errors.slice(0, FAULTS_KEPT) } };
}

function withoutFaults(result: Result): Result {
  if (result.status !== 'rejected') return result;
  const { errors: _errors, ...problem } = result.problem;
  return { ...result, problem: { ...problem, detail: problem.detail ?? 'Send it alone to see its faults.' } };
}
