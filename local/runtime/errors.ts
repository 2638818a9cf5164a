/** An error as Lambda's Node.js runtime reports it. */
export interface ReportedError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

/** Any value can be thrown. A value other than an Error is reported as text. */
export function describeError(error: unknown): ReportedError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
