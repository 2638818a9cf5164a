/** An error that the user of a command can fix: one sentence with the cause and the remedy. */
export class UserError extends Error {}

/** The `code` of a system's or a driver's error; empty when there is none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the message suffices without a stack trace: a UserError, or an error of the system, a driver or AWS. */
function isExplained(error: Error): boolean {
  return error instanceof UserError || errorCode(error) !== '' || '$metadata' in error;
}

/** The text that a failed command prints: a sentence, or for an unexpected error its stack trace. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // fetch hides the reason in the cause.
  const refused = error.cause instanceof Error ? errorCode(error.cause) : errorCode(error);
  if (refused === 'ECONNREFUSED') return 'No stack replies at this address: start one with npm start.';
  return isExplained(error) ? error.message : (error.stack ?? error.message);
}

/** Runs a command. A failure is printed and ends the process with `status`. */
export async function runCommand(main: () => Promise<void>, status = 1): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(explain(error));
    process.exitCode = status;
  }
}
