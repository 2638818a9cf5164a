/** The catalogue of the API's problems, as problem details (RFC 9457). */

import type { Fault } from '../../forms/values/fault.ts';

interface Kind {
  status: number;
  title: string;
}

/** Every kind of problem. The key is the end of the problem's `type` and never changes after its release. */
export const PROBLEM_KINDS = {
  'not-json': { status: 400, title: 'The body is not JSON.' },
  'not-multipart': { status: 400, title: 'The body is not multipart/form-data.' },
  'not-xml': { status: 400, title: 'The body is not XML that can be read.' },
  'not-csv': { status: 400, title: 'The file is not CSV.' },
  unauthorized: { status: 401, title: 'A valid token is required.' },
  forbidden: { status: 403, title: 'This token may not do that.' },
  'not-yours': { status: 403, title: 'This belongs to another collector.' },
  'not-found': { status: 404, title: 'There is nothing here.' },
  'older-revision': { status: 409, title: 'A newer revision of this response is stored.' },
  'other-revision': { status: 409, title: 'Another revision of this response is stored.' },
  'same-time-other-content': { status: 409, title: 'Other content with the same last_modified_time is stored.' },
  'same-instance-other-content': { status: 409, title: 'Another submission with this instanceID is stored.' },
  'key-reused': { status: 409, title: 'Another request with this Idempotency-Key was carried out.' },
  'test-response': { status: 409, title: 'This response is a test: it cannot be reviewed.' },
  'response-of-another-form': { status: 409, title: 'This response_id belongs to another form.' },
  'form-in-use': { status: 409, title: 'Responses to this form are stored.' },
  'older-form-version': { status: 409, title: 'This response was first sent under a later version of its form.' },
  'form-closed': { status: 409, title: 'This form is closed: it takes no new responses.' },
  'already-exists': { status: 409, title: 'An item like this exists already.' },
  'xform-version-taken': { status: 409, title: 'This version of the XForm is stored with other content.' },
  'xform-id-taken': { status: 409, title: 'Another form has this XForm id.' },
  'too-many-webhooks': { status: 409, title: 'No more webhooks can be stored.' },
  'tab-in-use': { status: 409, title: 'A live sheet keeps this tab.' },
  'in-use': { status: 409, title: 'Other items refer to this item.' },
  erased: { status: 410, title: 'This response was erased.' },
  'form-changed': { status: 412, title: 'The form has changed since the version that your change is based on.' },
  'too-large': { status: 413, title: 'The body is too large.' },
  'unsupported-media-type': { status: 415, title: 'This content type is not understood.' },
  'invalid-response': { status: 422, title: 'The response does not fit the form.' },
  'invalid-form': { status: 422, title: 'The form definition cannot be used.' },
  'invalid-body': { status: 422, title: 'The body of the request cannot be used.' },
  'invalid-file': { status: 422, title: 'The file cannot be used; nothing of it was stored.' },
  'invalid-parameter': { status: 422, title: 'A parameter of the request cannot be used.' },
  internal: { status: 500, title: 'Something went wrong on our side. Nothing was acknowledged; try again later.' },
  'not-installed': { status: 501, title: 'This installation lacks a program that the request needs.' },
  'not-processed': { status: 503, title: 'The batch ran out of time before this response. Send it again.' },
  unavailable: {
    status: 503,
    title: 'The service is unavailable or starting. Nothing was stored: keep what you sent, and try again.',
  },
} as const satisfies Record<string, Kind>;

/** Seconds after which a caller should retry after a 503. */
export const RETRY_AFTER_SECONDS = '10';

export type ProblemKind = keyof typeof PROBLEM_KINDS;

export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: Fault[];
  [member: string]: unknown;
}

interface ProblemOptions {
  detail?: string;
  errors?: Fault[];
  /** Further members of the problem's body, such as `current` of a conflict. */
  members?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Maximum number of faults that a problem lists. A body of 1 MB can have more faults than fit a reply. */
const MAX_FAULTS = 100;

/** Refuses a request. Thrown by the code that finds the fault; http.ts turns it into a reply. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly headers: Record<string, string>;
  readonly body: ProblemDetails;

  constructor(kind: ProblemKind, { detail, errors, members, headers }: ProblemOptions = {}) {
    super(kind);
    const { status, title } = PROBLEM_KINDS[kind];
    const counted = errors !== undefined && errors.length > MAX_FAULTS ? countFaults(errors.length) : undefined;
    this.kind = kind;
    this.headers = headers ?? {};
    this.body = {
      type: `urn:collect:problem:${kind}`,
      title,
      status,
      ...(counted !== undefined && { detail: counted }),
      ...(detail !== undefined && { detail }),
      ...(errors !== undefined && { errors: errors.slice(0, MAX_FAULTS) }),
      ...members,
    };
  }
}

function countFaults(count: number): string {
  return `${count} faults; the first ${MAX_FAULTS} are listed.`;
}

/** A 503. @param retryAfter seconds, as text */
export function unavailable(detail: string, retryAfter: string = RETRY_AFTER_SECONDS): Problem {
  return new Problem('unavailable', { detail, headers: { 'retry-after': retryAfter } });
}
