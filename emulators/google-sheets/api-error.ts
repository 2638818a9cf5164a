/** Errors in the format of Google's APIs (https://cloud.google.com/apis/design/errors), with the Sheets API's messages. */

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
};

export class ApiError extends Error {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  /** The body of the reply. */
  toBody(): object {
    return { error: { code: this.code, message: this.message, status: STATUSES[this.code] ?? 'UNAVAILABLE' } };
  }
}

/** 400 for a request that Google refuses too. */
export function invalid(message: string): ApiError {
  return new ApiError(400, message);
}

/** 400 for a request that Google accepts and this emulator does not support. */
export function unsupported(what: string): ApiError {
  return invalid(`The Sheets emulator does not support ${what}.`);
}

/** 429: the user has sent the maximum number of requests in a minute. */
export function quotaExceeded(kind: string, headers: Readonly<Record<string, string>> = {}): ApiError {
  const metric = kind === 'write' ? 'Write requests' : 'Read requests';
  return new ApiError(
    429,
    `Quota exceeded for quota metric '${metric}' and limit '${metric} per minute per user' of service 'sheets.googleapis.com'.`,
    headers,
  );
}
