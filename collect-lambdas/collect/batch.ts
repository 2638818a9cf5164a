/** The responses that a phone gathered offline: each is judged by itself, and one call of the proxy saves all. */
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled-form.ts';
import { fitFlags } from '../../forms/flags.ts';
import { parseJson, parseNdjson, type JsonResult } from '../../forms/json.ts';
import type { SubmittedResponse } from '../../forms/submission.ts';
import type { Caller } from '../shared/access.ts';
import { jsonLoad, pack } from '../shared/pack.ts';
import { Problem, type ProblemDetails } from '../shared/problem.ts';
import { replyFor, FLAGS_CUT, type Reply, type QueuedReply } from './reply.ts';
import { findResponseId, judge, MAX_RESPONSE_BYTES, readResponse } from './check.ts';
import type { Counts } from './count.ts';
import type { Outcome } from './save.ts';

export const MAX_BATCH_RESPONSES = 1_000;
export const MAX_BATCH_BYTES = 5_000_000;

/** Lambda's limit is 6 MB each way. Larger batches go to the proxy in several calls; larger replies leave out parts. */
const MAX_PAYLOAD_BYTES = 5_500_000;

/** The bytes that `detail` adds to a result. */
const DETAIL_BYTES = Buffer.byteLength(JSON.stringify({ detail: FLAGS_CUT }));

/** The faults per response that a reply of that size still names. */
const FAULTS_KEPT = 3;

export type BatchContentType = 'application/json' | 'application/x-ndjson';

export interface Rejection {
  index: number;
  response_id?: string;
  status: 'rejected';
  problem: ProblemDetails;
}

type Result = Reply | QueuedReply | Rejection;

export interface BatchReply {
  results: Result[];
  summary: Counts;
}

/**
 * Splits a batch into its responses. In NDJSON, a line that is not JSON is a fault of that response only.
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

/** The outcome for one item before anything is saved. */
export type Checked = { incoming: IncomingResponse } | Refused;

interface Refused {
  problem: Problem;
  responseId?: string | undefined;
}

/**
 * Reads and judges every item. A bad one does not fail the others. When time runs out, the rest is refused with a problem
 * that says to send it again; the first item is always judged, so that every try makes progress.
 *
 * @param until when to stop, by the clock `now`
 */
export async function checkBatch(
  compiled: CompiledForm,
  caller: Caller,
  items: readonly JsonResult[],
  { now, until }: { now: () => number; until: number },
): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const item of items) {
    const inTime = checked.length === 0 || now() < until;
    checked.push(inTime ? await checkItem(compiled, caller, item, now()) : leaveOut(item));
  }
  return checked;
}

async function checkItem(compiled: CompiledForm, caller: Caller, item: JsonResult, now: number): Promise<Checked> {
  if (!item.ok) return { problem: new Problem('not-json', { errors: [item.fault] }) };
  try {
    const submission = readResponse(compiled, caller, item.value, now);
    refuseOversized(submission.response);
    return { incoming: await judge(compiled, caller, submission) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problem: error, responseId: findResponseId(item.value) };
  }
}

function leaveOut(item: JsonResult): Refused {
  return { problem: new Problem('not-processed'), ...(item.ok && { responseId: findResponseId(item.value) }) };
}

/** Sent alone it would be refused too, and it would not fit into a message of the write queue. */
function refuseOversized(response: SubmittedResponse): void {
  let units = 0;
  for (const [key, answer] of Object.entries(response)) units += key.length + String(answer).length + MEMBER_UNITS;
  if (units * MOST_BYTES_A_UNIT <= MAX_RESPONSE_BYTES) return;
  const bytes = Buffer.byteLength(JSON.stringify(response));
  if (bytes <= MAX_RESPONSE_BYTES) return;
  throw new Problem('too-large', {
    detail: `The response has ${bytes} bytes; at most ${MAX_RESPONSE_BYTES} are taken.`,
  });
}

/** Quotes, colon and comma. */
const MEMBER_UNITS = 6;
const MOST_BYTES_A_UNIT = 3;

/** What a response gains on its way to the proxy, besides flags: ids (up to 512 bytes each), times, hash, status. */
const FRAME_BYTES = 2_000;

/**
 * Splits responses into calls of the proxy. All but the largest batches fit into one.
 *
 * @param sentBytes of the batch. A small one is not measured, which would cost as much as serialising it
 */
export function splitIntoCalls(responses: readonly IncomingResponse[], sentBytes: number): IncomingResponse[][] {
  const flags = responses.flatMap((response) => response.flags);
  const most = sentBytes + responses.length * FRAME_BYTES + Buffer.byteLength(JSON.stringify(flags));
  if (most <= MAX_PAYLOAD_BYTES) return responses.length === 0 ? [] : [[...responses]];
  return pack(responses, { bytes: MAX_PAYLOAD_BYTES }, jsonLoad);
}

/**
 * Joins the items and the proxy's outcomes.
 *
 * @returns the reply as JSON, and its summary
 * @param outcomes one for each item that was judged, in order
 */
export function replyToBatch(
  checked: readonly Checked[],
  outcomes: readonly Outcome[],
): { text: string; summary: Counts } {
  const counts = { accepted: 0, flagged: 0, unchanged: 0, queued: 0, rejected: 0 };
  const remaining = outcomes.values();
  const results = checked.map((each, index): Result => {
    const result = replyToItem(each, index, remaining);
    if (result.status === 'rejected') counts.rejected += 1;
    else if (result.unchanged) counts.unchanged += 1;
    else counts[result.reply.status] += 1;
    return result.status === 'rejected' ? result : result.reply;
  });
  const { queued, ...saved } = counts;
  const summary = queued === 0 ? saved : counts;
  return { text: withinReplyLimit({ results, summary }), summary };
}

function replyToItem(
  each: Checked,
  index: number,
  outcomes: IterableIterator<Outcome>,
): Rejection | { status: 'taken'; unchanged: boolean; reply: Reply | QueuedReply } {
  if ('problem' in each) return reject(index, each.problem, each.responseId);
  const { incoming } = each;
  const outcome = outcomes.next().value;
  if (outcome === undefined) throw new Error('The proxy gave fewer outcomes than it got responses.');
  try {
    return { status: 'taken', unchanged: outcome.outcome === 'unchanged', reply: replyFor(incoming, outcome) };
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

/**
 * A reply that is too large for Lambda leaves out the repeated responses, then most faults, then what flags have beyond
 * an equal share of the room that is left.
 */
function withinReplyLimit(reply: BatchReply): string {
  let { results } = reply;
  let text = JSON.stringify(reply);
  for (const shorten of [withoutResponse, withFewFaults, withoutFaults]) {
    if (Buffer.byteLength(text) <= MAX_PAYLOAD_BYTES) break;
    results = results.map(shorten);
    text = JSON.stringify({ ...reply, results });
  }
  const excess = Buffer.byteLength(text) - MAX_PAYLOAD_BYTES;
  return excess <= 0 ? text : JSON.stringify({ ...reply, results: withShortFlags(results, excess) });
}

function withShortFlags(results: readonly Result[], excess: number): Result[] {
  const flagged = results.filter((result) => 'flags' in result && result.flags.length > 0);
  const all = flagged.reduce((bytes, result) => bytes + flagBytes(result), 0);
  const share = Math.floor((all - excess) / flagged.length) - DETAIL_BYTES;
  return results.map((result) =>
    'flags' in result && flagBytes(result) > share
      ? { ...result, flags: fitFlags(result.flags, share), detail: FLAGS_CUT }
      : result,
  );
}

function flagBytes(result: Result): number {
  return 'flags' in result ? Buffer.byteLength(JSON.stringify(result.flags)) : 0;
}

function withoutResponse(result: Result): Result {
  if (result.status === 'rejected') return result;
  const { response: _repeated, ...rest } = result;
  return rest;
}

function withFewFaults(result: Result): Result {
  if (result.status !== 'rejected' || (result.problem.errors?.length ?? 0) <= FAULTS_KEPT) return result;
  const { errors = [], ...problem } = result.problem;
  const detail = 'These are the first of its faults; send it alone to see more.';
  return { ...result, problem: { ...problem, detail, errors: errors.slice(0, FAULTS_KEPT) } };
}

function withoutFaults(result: Result): Result {
  if (result.status !== 'rejected') return result;
  const { errors: _errors, ...problem } = result.problem;
  return { ...result, problem: { ...problem, detail: problem.detail ?? 'Send it alone to see its faults.' } };
}
