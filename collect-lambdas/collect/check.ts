/** From what a field app sent to what may be saved: read it by the form, judge it by the form's rules. */
import { isId, type IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled-form.ts';
import type { Flag } from '../../forms/flags.ts';
import { isJsonObject } from '../../forms/json.ts';
import type { Submission } from '../../forms/submission.ts';
import type { Caller } from '../shared/access.ts';
import { Problem } from '../shared/problem.ts';
import { instantAt } from '../shared/time.ts';

/** Hundreds of long answers fit; a response that is larger was not made by a survey form. */
export const MAX_RESPONSE_BYTES = 256_000;

/** How far a response's last_modified_time may be ahead of the server: more than time zones and small errors explain. */
const MAX_AHEAD_MS = 48 * 3_600_000;

/**
 * Reads one response.
 *
 * @param now milliseconds, as Date.now gives them
 * @throws {Problem} 422 `invalid-response` with every fault, when it does not fit the form or was changed in the future;
 * 403 `not-yours` when it is another collector's than the caller is bound to
 */
export function readResponse(form: CompiledForm, { onlyOf }: Caller, input: unknown, now: number): Submission {
  const read = form.readSubmission(input);
  if (!read.ok) throw new Problem('invalid-response', { errors: [...read.errors] });
  // It would stand against every correction until that time has come.
  if (read.submission.last_modified > instantAt(now + MAX_AHEAD_MS)) {
    const detail = `This is more than 48 hours ahead; it is ${new Date(now).toISOString()} now. Set the clock of the device, then save the response and send it again.`;
    throw new Problem('invalid-response', { errors: [{ pointer: '/last_modified_time', detail }] });
  }
  if (onlyOf !== undefined && read.submission.user_id !== onlyOf) {
    const detail = 'Send the user_id that your token belongs to.';
    throw new Problem('not-yours', { errors: [{ pointer: '/user_id', detail }] });
  }
  return read.submission;
}

/** The id under which something was sent, if it has a usable one: a response that is refused is named by it too. */
export function findResponseId(input: unknown): string | undefined {
  const responseId = isJsonObject(input) ? input['response_id'] : undefined;
  return typeof responseId === 'string' && isId(responseId) ? responseId : undefined;
}

/** Judges a response by the form's rules. */
export async function judge(
  { rules }: CompiledForm,
  { onlyOf }: Caller,
  submission: Submission,
): Promise<IncomingResponse> {
  const flags = await rules.check(submission.response);
  return { ...toIncoming(submission, flags), ...(onlyOf !== undefined && { only_of: onlyOf }) };
}

function toIncoming(submission: Submission, flags: readonly Flag[]): IncomingResponse {
  return {
    response_id: submission.response_id,
    form_id: submission.form_id,
    form_version: submission.form_version,
    user_id: submission.user_id,
    status: flags.length === 0 ? 'accepted' : 'flagged',
    last_modified: submission.last_modified,
    last_modified_time: String(submission.response['last_modified_time']),
    content_hash: submission.content_hash,
    flags: flags.map((flag) => ({ ...flag, questions: [...flag.questions] })),
    response: submission.response,
  };
}
