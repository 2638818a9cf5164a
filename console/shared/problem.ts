/** A refusal by the API, or a request without a reply. */

interface Fault {
  /** A JSON pointer into the body, or `/name` of a query parameter. */
  pointer: string;
  detail: string;
}

/** The members of application/problem+json that pages use. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: Fault[];
  request_id?: string;
  [member: string]: unknown;
}

export class ProblemError extends Error {
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }

  /** The last part of the type, such as `stale-revision`. */
  get kind(): string {
    return this.problem.type.split(':').at(-1) ?? '';
  }
}

/** The request got no reply: no network, or the server is away. */
export class NoReplyError extends Error {
  constructor(options?: ErrorOptions) {
    super('No connection to Collect. Check the network, then try again.', options);
    this.name = 'NoReplyError';
  }
}

const isProblem = (value: unknown): value is ProblemDocument =>
  typeof value === 'object' && value !== null && 'type' in value && 'title' in value && 'status' in value;

/** A problem for a reply without a problem document, such as a reply of API Gateway itself. */
function problemOfStatus(status: number): ProblemDocument {
  const title =
    status === 401
      ? 'Sign in again: the token is unknown, expired or revoked.'
      : status === 429
        ? 'Too many requests. Wait a few seconds, then try again.'
        : `The server replied ${status}. Try again.`;
  return { type: 'about:blank', title, status };
}

export const problemOf = (status: number, body: unknown): ProblemError =>
  new ProblemError(isProblem(body) ? body : problemOfStatus(status));

/** A text for people, whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
