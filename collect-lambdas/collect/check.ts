/** From what a field app sent to what may be saved: read it by the form, judge it by the form's rules. */
import { isId, type IncomingResponse } from '../../db-proxy-lambda/contract.ts';
import type { Flag } from '../../forms/rules.ts';
import type { Submission } from '../../forms/submission.ts';
import type { Caller } from '../shared/access.ts';
import type { CompiledForm } from '../shared/form-store.ts';
import { isObject } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/**
 * Reads one response.
 *
 * @throws {Problem} 422 `invalid-response` with every fault, when it does not fit the form; 403 `not-yours` when it is
 * another collector's than the caller is bound to
 */
export function readResponse({ form }: CompiledForm, { onlyOf }: Caller, input: unknown): Submission {
  const read = form.readSubmission(input);
  if (!read.ok) throw new Problem('invalid-response', { errors: [...read.errors] });
  if (onlyOf !== undefined && read.submission.user_id !== onlyOf) {
    const detail = 'Send the user_id that your token belongs to.';
    throw new Problem('not-yours', { errors: [{ pointer: '/user_id', detail }] });
  }
  return read.submission;
}

/** The id under which something was sent, if it has a usable one: a response that is refused is named by it too. */
export function findResponseId(input: unknown): string | undefined {
  const responseId = isObject(input) ? input['response_id'] : undefined;
  return typeof responseId === 'string' && isId(responseId) ? responseId : undefined;
}

/** Judges responses by the form's rules; the answer has their order. */
export async function judge(
  { rules }: CompiledForm,
  { onlyOf }: Caller,
  submissions: readonly Submission[],
): Promise<IncomingResponse[]> {
  const flags = await rules.checkAll(submissions.map(({ answers }) => answers));
  return submissions.map((submission, index) => ({
    ...toIncoming(submission, flags[index] ?? []),
    ...(onlyOf !== undefined && { only_of: onlyOf }),
  }));
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
