import { Logger } from '@aws-lambda-powertools/logger';

export type { Logger };

/** JSON log lines that name the function. Callers log ids and codes, never an answer's value. */
export function createLogger(serviceName: string): Logger {
  return new Logger({ serviceName });
}

/** What may be logged of an error: its class and where it was thrown. Its message may repeat what somebody sent. */
export function traceOf(error: unknown): { name: string; at: string[] } {
  if (!Error.isError(error)) return { name: typeof error, at: [] };
  const at = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return { name: error.name, at: at.slice(0, 8) };
}
