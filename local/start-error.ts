/** A reason not to start, in one sentence that says what to do. */
export class StartError extends Error {
  override name = 'StartError';
}

/** The `code` of a system's or a driver's error, empty when there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
