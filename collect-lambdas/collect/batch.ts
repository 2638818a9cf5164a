/**
 * Batches of responses that a phone gathered offline. Each response is checked independently; one call of the proxy
 * saves all.
 */
import type { IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import { maxLength } from '../../forms/values/answer.ts';
import { fitFlags } from '../../forms/compiled/flags.ts';
import { parseJson, parseNdjson, type JsonResult } from '../../forms/values/json.ts';
import type { SubmittedResponse } from '../../forms/compiled/submission.ts';
import { MAX_BYTES_PER_UNIT } from '../../forms/values/text.ts';
import type { Caller } from '../shared/access.ts';
import { isTransient } from '../shared/db-proxy-client.ts';
import { jsonLoad, pack } from '../shared/pack.ts';
import { Problem, type ProblemDetails } from '../shared/problem.ts';
import { replyFor, FLAGS_CUT, type Reply, type QueuedReply } from './reply.ts';
import { checkRules, findResponseId, MAX_RESPONSE_BYTES, readResponse } from '../shared/intake/check.ts';
import type { Counts } from '../shared/intake/count.ts';
import type { FormVersions } from '../shared/intake/form-versions.ts';
import type { Outcome } from '../shared/intake/save.ts';

export const MAX_BATCH_RESPONSES = 1_000;
export const MAX_BATCH_BYTES = 5_000_000;

/**
 * Lambda's limit is 6 MB each way. Larger batches are split into several calls of the proxy; larger replies are
 * shortened.
 */
const MAX_PAYLOAD_BYTES = 5_500_000;

/** The size of `detail` in a result with shortened flags. */
const DETAIL_BYTES = Buffer.byteLength(JSON.stringify({ detail: FLAGS_CUT }));

/** Maximum faults per response in a reply that is too large. */
const MAX_FAULTS_SHOWN = 3;

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
 * Splits a batch into its responses. In NDJSON, a line that is not JSON rejects that response only.
 *
 * @throws {Problem} 400 if it is not JSON, 413 if it has too many responses, 422 if it is not an array
 */
export function readBatch(type: BatchContentType, text: string): JsonResult[] {
  const items = type === 'application/json' ? readArray(text) : [...parseNdjson(text, MAX_BATCH_RESPONSES + 1)];
  if (items.length > MAX_BATCH_RESPONSES) {
    throw new Problem('too-large', {
      detail: `A batch may have at most ${MAX_BATCH_RESPONSES} responses; send the rest in another batch.`,
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

/** The result of checking one item: a response to save, or a problem. */
export type Checked = { incoming: IncomingResponse } | Refused;

interface Refused {
  problem: Problem;
  responseId?: string | undefined;
}

/**
 * Checks every item; an invalid item does not affect the others. Items not reached before `until` are refused, with the
 * advice to send them again. The first item is always checked, so that every retry makes progress.
 *
 * @param until deadline, on the clock `now`
 */
export async function checkBatch(
  form: FormVersions,
  caller: Caller,
  items: readonly JsonResult[],
  { now, until }: { now: () => number; until: number },
): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const item of items) {
    const inTime = checked.length === 0 || now() < until;
    checked.push(inTime ? await checkItem(form, caller, item, now()) : notReached(item));
  }
  return checked;
}

async function checkItem(form: FormVersions, caller: Caller, item: JsonResult, now: number): Promise<Checked> {
  if (!item.ok) return { problem: new Problem('not-json', { errors: [item.fault] }) };
  try {
    const submission = await readResponse(form, caller, item.value, now);
    refuseOversized(submission.response);
    return { incoming: await checkRules(form.newest(), caller, submission, now) };
  } catch (error) {
    const responseId = findResponseId(item.value);
    if (error instanceof Problem) return { problem: error, responseId };
    // During an outage, the versions of this response cannot be looked up. The other responses are queued.
    if (isTransient(error)) return { problem: new Problem('not-processed'), responseId };
    throw error;
  }
}

function notReached(item: JsonResult): Refused {
  return { problem: new Problem('not-processed'), ...(item.ok && { responseId: findResponseId(item.value) }) };
}

/**
 * The limit of a single response applies in batches too: a larger one would not fit into a message of the write queue.
 */
function refuseOversized(response: SubmittedResponse): void {
  // An upper bound of the size, so that most responses need not be serialised.
  let units = 0;
  for (const [key, answer] of Object.entries(response)) {
    units += key.length + maxLength(answer) + PUNCTUATION_PER_MEMBER;
  }
  if (units * MAX_BYTES_PER_UNIT <= MAX_RESPONSE_BYTES) return;
  const bytes = Buffer.byteLength(JSON.stringify(response));
  if (bytes <= MAX_RESPONSE_BYTES) return;
  throw new Problem('too-large', {
    detail: `The response has ${bytes} bytes; at most ${MAX_RESPONSE_BYTES} are taken.`,
  });
}

/** Four quotes, a colon and a comma. */
const PUNCTUATION_PER_MEMBER = 6;

/**
 * Splits responses into calls of the proxy. All but the largest batches fit into one call. Responses can be larger than they
 * were sent, because of their calculations and flags.
 */
export function splitIntoCalls(responses: readonly IncomingResponse[]): IncomingResponse[][] {
  return pack(responses, { bytes: MAX_PAYLOAD_BYTES }, jsonLoad);
}

/**
 * Combines the checked items with the outcomes of saving them.
 *
 * @param outcomes one for each item that was to be saved, in order
 * @returns the reply as JSON, and its summary
 */
export function replyToBatch(
  checked: readonly Checked[],
  outcomes: readonly Outcome[],
): { text: string; summary: Counts } {
  const counts = { accepted: 0, flagged: 0, unchanged: 0, queued: 0, rejected: 0 };
  const remaining = outcomes.values();
  const results = checked.map((each, index): Result => {
    const result = replyToItem(each, index, remaining);
    if ('problem' in result) counts.rejected += 1;
    else counts[result.counted] += 1;
    return 'problem' in result ? result : result.reply;
  });
  const { queued, ...saved } = counts;
  const summary = queued === 0 ? saved : counts;
  return { text: withinReplyLimit({ results, summary }), summary };
}

function replyToItem(
  each: Checked,
  index: number,
  outcomes: IterableIterator<Outcome>,
): Rejection | { status: 'taken'; counted: Counted; reply: Reply | QueuedReply } {
  if ('problem' in each) return reject(index, each.problem, each.responseId);
  const { incoming } = each;
  const outcome = outcomes.next().value;
  if (outcome === undefined) throw new Error('The proxy returned fewer outcomes than there were responses.');
  try {
    const reply = replyFor(incoming, outcome);
    return { status: 'taken', counted: countedAs(outcome, reply), reply };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return reject(index, error, incoming.response_id);
  }
}

type Counted = 'accepted' | 'flagged' | 'unchanged' | 'queued';

function countedAs({ outcome }: Outcome, { status }: Reply | QueuedReply): Counted {
  if (outcome === 'unchanged' || outcome === 'queued') return outcome;
  return status === 'accepted' ? 'accepted' : 'flagged';
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
 * Shortens a reply that is too large for Lambda: first it leaves out the responses, then most faults, then all faults,
 * and last it shortens flags to an equal share of the remaining bytes.
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
  if ('problem' in result) return result;
  const { response: _repeated, ...rest } = result;
  return rest;
}

function withFewFaults(result: Result): Result {
  if (!('problem' in result) || (result.problem.errors?.length ?? 0) <= MAX_FAULTS_SHOWN) return result;
  const { errors = [], ...problem } = result.problem;
  const detail = 'These are the first faults; send this response alone to see all.';
  return { ...result, problem: { ...problem, detail, errors: errors.slice(0, MAX_FAULTS_SHOWN) } };
}

function withoutFaults(result: Result): Result {
  if (!('problem' in result)) return result;
  const { errors: _errors, ...problem } = result.problem;
  return {
    ...result,
    problem: { ...problem, detail: problem.detail ?? 'Send this response alone to see its faults.' },
  };
}
