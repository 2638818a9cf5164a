/** Which version of a form an editor has read and changed. */
import * as z from 'zod';
import type { Fault } from '../../forms/fault.ts';
import { Problem } from '../shared/problem.ts';

const VERSION = /^[1-9]\d{0,8}$/;
const ETAG = /^"([1-9]\d{0,8})"$/;
const VERSION_ADVICE = 'Send the version that GET /forms/{form_id} gave, or leave it out.';

/** The query of GET /forms/{form_id}. */
export const formQuery = {
  version: z.string().regex(VERSION, 'Send a whole number from 1 on.').transform(Number).optional(),
};

/** A form is its version: versions are never changed, and never taken twice. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a definition is based on, by its ETag or by its number; undefined where neither is sent.
 *
 * @param sent the `version` of the body
 * @param errors takes the faults of `sent`
 * @throws {Problem} 422 `invalid-parameter` when the header is no ETag of a form
 */
export function readBaseVersion(ifMatch: string | undefined, sent: unknown, errors: Fault[]): number | undefined {
  const [, tagged] = ETAG.exec(ifMatch ?? '') ?? [];
  if (ifMatch !== undefined && tagged === undefined) {
    const detail =
      'Send the ETag that GET /forms/{form_id} gave, such as "3" with its quotation marks, or leave it out.';
    throw new Problem('invalid-parameter', { errors: [{ pointer: '/If-Match', detail }] });
  }
  const version = tagged === undefined ? undefined : Number(tagged);
  if (sent === undefined) return version;
  if (typeof sent !== 'number' || !VERSION.test(String(sent))) {
    errors.push({ pointer: '/version', detail: VERSION_ADVICE });
  } else if (version !== undefined && version !== sent) {
    errors.push({
      pointer: '/version',
      detail: `Send version ${version}, as If-Match does, or leave one of them out.`,
    });
  }
  return version ?? Number(sent);
}
