/** Checks one response of a field app: parses it by its form, then applies the form's rules. */
import { draftOf, isId, type IncomingResponse } from '../../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../../forms/compiled/compiled-form.ts';
import { isJsonObject } from '../../../forms/values/json.ts';
import type { Submission } from '../../../forms/compiled/submission.ts';
import { instantAt } from '../../../forms/values/time.ts';
import type { FormVersions } from './form-versions.ts';
import type { Caller } from '../access.ts';
import { Problem } from '../problem.ts';

/** Maximum size of a response: enough for hundreds of long answers. */
export const MAX_RESPONSE_BYTES = 256_000;

/** How far last_modified_time may be ahead of the server's clock: more than wrong time zones can cause. */
const MAX_AHEAD_MS = 48 * 3_600_000;

/**
 * Reads one response by the version of its form that it was filled in with.
 *
 * @param now milliseconds since 1970
 * @throws {Problem} 422 `invalid-response` with every fault, if the response does not fit the form or its
 * last_modified_time is more than 48 hours ahead; 403 `not-yours` if it belongs to another collector than the caller
 */
export async function readResponse(
  form: FormVersions,
  { onlyOf }: Caller,
  input: unknown,
  now: number,
): Promise<Submission> {
  const read = await form.read(input);
  if (!read.ok) throw new Problem('invalid-response', { errors: [...read.errors] });
  // Otherwise every correction would look older, and would be refused until that time is reached.
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

/** The response_id of a body, if the id is valid. Replies and logs identify refused responses by it too. */
export function findResponseId(input: unknown): string | undefined {
  const responseId = isJsonObject(input) ? input['response_id'] : undefined;
  return typeof responseId === 'string' && isId(responseId) ? responseId : undefined;
}

/**
 * Applies the rules of the form's newest version to a response. A rule is skipped if the response's version lacks one of
 * its questions.
 *
 * @param now milliseconds since 1970
 */
export async function checkRules(
  { rules, uniqueKeys, version: rulesVersion, state }: CompiledForm,
  { onlyOf, role, tokenId }: Caller,
  { paths, attachments, ...submission }: Submission,
  now: number,
): Promise<IncomingResponse> {
  const flags = await rules.check(submission.response, { paths, now });
  const unique = uniqueKeys(submission.response);
  return {
    ...submission,
    ...(state === 'draft' && { form_id: draftOf(submission.form_id) }),
    ...(state === 'closed' && { only_correction: true as const }),
    status: flags.length === 0 ? 'accepted' : 'flagged',
    flags: [...flags],
    ...(unique.length > 0 && { unique }),
    ...(attachments !== undefined && { expects: [...attachments] }),
    rules_version: rulesVersion,
    ...(onlyOf !== undefined && { only_of: onlyOf }),
    ...(role === 'manager' && tokenId !== undefined && { author_token: tokenId }),
  };
}
