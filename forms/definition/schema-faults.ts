import type * as z from 'zod';
import { type Fault, pointerTo } from '../values/fault.ts';

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** zod's error map for `safeParse(input, { error: adviceFor })`: gives advice on what to send instead. */
export function adviceFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? issue.expected;
      return issue.input === undefined ? `This is missing; send ${kind}.` : `Send ${kind} here.`;
    }
    case 'invalid_union':
    case 'invalid_value': {
      const options = 'options' in issue ? issue['options'] : issue['values'];
      return Array.isArray(options) ? `Send one of: ${options.join(', ')}.` : undefined;
    }
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `Send at least ${issue.minimum} ${issue.origin === 'string' ? 'character' : 'of these'}.`
        : `Send at least ${issue.minimum}.`;
    case 'too_big':
      return issue.origin === 'array' ? `Send at most ${issue.maximum} of these.` : `Send at most ${issue.maximum}.`;
    default:
      return undefined;
  }
}

/** The faults of a zod error. The pointer of an unknown member points to the member itself. */
export function faultsOf(error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    return issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: pointerTo(...path, key),
          detail: 'Remove this member; it is not known here.',
        }))
      : [{ pointer: pointerTo(...path), detail: issue.message }];
  });
}
