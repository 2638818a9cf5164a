/**
 * Errors in the form in which Google's APIs answer them: `{ "error": { "code", "message", "status", "details" } }`.
 * The codes and statuses are those of https://cloud.google.com/apis/design/errors; the sentences are those that the
 * Sheets API sends, because callers and their users read them.
 */

export interface Violation {
  field: string;
  description: string;
}

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
};

export class ApiError extends Error {
  readonly code: number;
  readonly details: readonly object[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    message: string,
    details: readonly object[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.details = details;
    this.headers = headers;
  }

  /** The body of the answer. */
  toBody(): object {
    const error = { code: this.code, message: this.message, status: STATUSES[this.code] ?? 'UNKNOWN' };
    return { error: this.details.length === 0 ? error : { ...error, details: this.details } };
  }
}

/** 400: the request is understood and cannot be done. */
export function invalid(message: string): ApiError {
  return new ApiError(400, message);
}

/** 400: the request does not fit its schema; every violation is named. */
export function violated(violations: readonly Violation[], message?: string): ApiError {
  return new ApiError(400, message ?? violations.map((each) => each.description).join('\n'), [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations },
  ]);
}

/** Says which part of a batch an error is about, as Google does: `Invalid data[1]: ...`. */
export function inPart<T>(part: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ApiError && error.code === 400) {
      throw new ApiError(400, `Invalid ${part}: ${error.message}`, error.details);
    }
    throw error;
  }
}

/** 400 for what Google would do and this server does not: its sentence says so, so that nobody takes it for Google's. */
export function notSpoken(what: string): ApiError {
  return invalid(`The local Sheets server does not speak ${what}.`);
}

/** 401. `reason` as in Google's ErrorInfo, for example CREDENTIALS_MISSING or ACCESS_TOKEN_EXPIRED. */
export function unauthenticated(reason: string): ApiError {
  const beginning =
    reason === 'CREDENTIALS_MISSING'
      ? 'Request is missing required authentication credential.'
      : 'Request had invalid authentication credentials.';
  return new ApiError(
    401,
    `${beginning} Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.`,
    [errorInfo(reason, { service: 'sheets.googleapis.com' })],
    { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  );
}

/** 403: the file is not shared with the account, or the account may not do this. */
export function permissionDenied(): ApiError {
  return new ApiError(403, 'The caller does not have permission');
}

/** 404: no spreadsheet with this id. */
export function notFound(): ApiError {
  return new ApiError(404, 'Requested entity was not found.');
}

/** 429, as Google words it when a user used up a minute's requests. */
export function quotaExceeded(kind: 'read' | 'write', headers: Readonly<Record<string, string>> = {}): ApiError {
  const name = kind === 'read' ? 'Read' : 'Write';
  return new ApiError(
    429,
    `Quota exceeded for quota metric '${name} requests' and limit '${name} requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:100000000000'.`,
    [
      errorInfo('RATE_LIMIT_EXCEEDED', {
        service: 'sheets.googleapis.com',
        consumer: 'projects/100000000000',
        quota_limit: `${name}RequestsPerMinutePerUser`,
        quota_limit_value: '60',
        quota_metric: `sheets.googleapis.com/${kind}_requests`,
        quota_location: 'global',
        quota_unit: '1/min/{project}/{user}',
      }),
    ],
    headers,
  );
}

/** The error of a bad day at Google: 500, 502 or 503; any other code with a bare sentence. */
export function outage(code: number, headers: Readonly<Record<string, string>>): ApiError {
  const message = code === 500 ? 'Internal error encountered.' : 'The service is currently unavailable.';
  return new ApiError(code, message, [], headers);
}

function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): object {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata };
}
