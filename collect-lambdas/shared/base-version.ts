/** Reads the version of a form that a change is based on. */
import * as z from 'zod';
import type { Fault } from '../../forms/values/fault.ts';
import { Problem } from './problem.ts';

const VERSION = /^[1-9]\d{0,8}$/;
const ETAG = /^"([1-9]\d{0,8})"$/;
const VERSION_ADVICE = 'Send the version that GET /forms/{form_id} returned, or leave it out.';

/** The query of GET /forms/{form_id}. */
export const formQuery = {
  version: z.string().regex(VERSION, 'Send a whole number from 1 on.').transform(Number).optional(),
};

/** @returns undefined if the text is not the number of a version */
export function readVersion(text: string): number | undefined {
  return VERSION.test(text) ? Number(text) : undefined;
}

/** The version number identifies the content: a stored version never changes, and its number is never used again. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a definition is based on, from the header If-Match or from the body; undefined if neither has it.
 *
 * @param sent the member `version` of the body
 * @param errors the faults of `sent` are added here
 * @throws {Problem} 422 `invalid-parameter` if the header is not the ETag of a form
 */
export function readBaseVersion(ifMatch: string | undefined, sent: unknown, errors: Fault[]): number | undefined {
  const [, tagged] = ETAG.exec(ifMatch ?? '') ?? [];
  if (ifMatch !== undefined && tagged === undefined) {
    const detail =
      'Send the ETag that GET /forms/{form_id} returned, such as "3" with its quotation marks, or leave it out.';
    throw new Problem('invalid-parameter', { errors: [{ pointer: '/If-Match', detail }] });
  }
  const version = tagged === undefined ? undefined : Number(tagged);
  if (sent === undefined) return version;
  if (typeof sent !== 'number' || !VERSION.test(String(sent))) {
    errors.push({ pointer: '/version', detail: VERSION_ADVICE });
  } else if (version !== undefined && version !== sent) {
    errors.push({
      pointer: '/version',
      detail: `Send version ${version}, as in If-Match, or leave one of them out.`,
    });
  }
  return version ?? Number(sent);
}
