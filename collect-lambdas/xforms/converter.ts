/** Calls the function that converts XLSForm workbooks to XForms (xlsform-lambda/). */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { unavailable } from '../shared/problem.ts';

const conversion = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    xform: z.string(),
    warnings: z.array(z.string()),
    /** The content of itemsets.csv, for the sheet external_choices. */
    itemsets: z.string().nullable(),
  }),
  z.object({
    ok: z.literal(false),
    /** `workbook`: what is wrong with the workbook. `not-installed`: what the function lacks. */
    reason: z.enum(['workbook', 'not-installed']),
    message: z.string(),
  }),
]);

export type Conversion = z.infer<typeof conversion>;

/**
 * Converts a workbook.
 *
 * @param formId becomes the XForm's id if the settings sheet has none
 * @throws {Problem} 503 if the function cannot be called
 * @throws {Error} if the function failed
 */
export type Convert = (formId: string, workbook: Uint8Array) => Promise<Conversion>;

/** The result of a function that failed. Only some failures have an `errorType`. */
const failure = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() });

/** The workbook needs more time or memory than the function has. */
const EXHAUSTED = /^(Sandbox\.Timedout|Runtime\.ExitError|Runtime\.OutOfMemory)$|Task timed out/;
const TOO_LARGE =
  'The conversion took too long or needed too much memory. Remove empty rows and columns, pictures and sheets that the form does not need, or move long lists of choices to CSV files.';

/** The function's program is missing. Only a local stack can lack it. */
const NO_PROGRAM = 'Runtime.InvalidEntrypoint';

/** The function ends after 20 seconds. */
const LIMIT_MS = 24_000;

export function createConverter(functionName: string): Convert {
  const requestHandler = { connectionTimeout: 2_000, requestTimeout: LIMIT_MS, throwOnRequestTimeout: true };
  const client = traceClient(new LambdaClient({ maxAttempts: 2, requestHandler }));
  return async (formId, workbook) => {
    const xlsx = Buffer.from(workbook).toString('base64');
    const Payload = Buffer.from(JSON.stringify({ form_id: formId, xlsx }));
    const { FunctionError, Payload: reply } = await client
      .send(new InvokeCommand({ FunctionName: functionName, Payload }), { abortSignal: AbortSignal.timeout(LIMIT_MS) })
      .catch((cause: unknown) => {
        throw Object.assign(unavailable('Workbooks cannot be converted now. Try again, or send the XForm.'), { cause });
      });
    return readConversion(FunctionError !== undefined, reply?.transformToString() ?? 'null');
  };
}

/**
 * Reads the function's reply.
 *
 * @throws {Error} for a failure that the workbook does not explain
 */
export function readConversion(hasFailed: boolean, reply: string): Conversion {
  if (!hasFailed) return conversion.parse(JSON.parse(reply));
  const { errorType = '', errorMessage = '' } = failure.parse(JSON.parse(reply));
  if (errorType === NO_PROGRAM) return { ok: false, reason: 'not-installed', message: 'Python is not installed.' };
  if (EXHAUSTED.test(errorType) || EXHAUSTED.test(errorMessage)) {
    return { ok: false, reason: 'workbook', message: TOO_LARGE };
  }
  throw new Error(`The conversion of a workbook failed: ${errorType} ${errorMessage}`);
}
