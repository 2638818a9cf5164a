/** A request of the API, and the status of its reply. */
export interface Call {
  operationId: string;
  /** The expected status. */
  status: number;
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is text or a form. */
  body?: unknown;
}

/** An unknown token. */
export const STRANGER = { authorization: 'Bearer unknown' };
