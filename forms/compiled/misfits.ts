/** Flags for what a lenient reader found not to fit the form. */
import { OWN_FLAGS } from '../definition/metadata.ts';
import { type Answer, isAnswer } from '../values/answer.ts';
import type { Fault } from '../values/fault.ts';
import { isJsonObject, JsonNumber } from '../values/json.ts';
import { cutText, type Flag } from './flags.ts';

/** One more flag counts the rest. */
const MAX_FLAGS = 50;

/** Maximum UTF-8 bytes of a value that is no answer, such as an object. The submission itself is kept whole. */
const MAX_VALUE_BYTES = 1_000;

/**
 * The flags `DoesNotFit` of a response: each says where an answer does not fit the form and why, and has what was sent.
 *
 * @param input the response that the reader got
 * @param paths of the form's questions: see `Submission`
 */
export function misfitFlags(faults: readonly Fault[], input: unknown, paths: ReadonlySet<string>): Flag[] {
  const flags = faults.slice(0, MAX_FLAGS).map(({ pointer, detail }): Flag => {
    const steps = stepsOf(pointer);
    const path = steps.filter((step) => !isIndex(step)).join('/');
    const value = valueAt(input, steps);
    const entry = entryOf(steps);
    return {
      rule: OWN_FLAGS.doesNotFit,
      message: `${path === '' ? 'The response' : path}: ${detail}`,
      ...(entry !== undefined && { entry }),
      questions: paths.has(path) ? [path] : [],
      values: value === undefined || value === null ? {} : { [path]: toAnswer(value) },
    };
  });
  const more = faults.length - flags.length;
  if (more === 0) return flags;
  const message = `${more} more answers do not fit the form; the submission has them.`;
  return [...flags, { rule: OWN_FLAGS.doesNotFit, message, questions: [], values: {} }];
}

/** The keys and indexes of a JSON pointer. */
function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A whole number cannot be the key of a question. */
function isIndex(step: string): boolean {
  return /^\d+$/.test(step);
}

/** The pointer to the innermost entry of a repeat. */
function entryOf(steps: readonly string[]): string | undefined {
  const last = steps.findLastIndex(isIndex);
  if (last < 0) return undefined;
  return steps
    .slice(0, last + 1)
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function valueAt(input: unknown, steps: readonly string[]): unknown {
  let value = input;
  for (const step of steps) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isJsonObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

function toAnswer(value: unknown): Answer {
  if (value instanceof JsonNumber) return value.source;
  return isAnswer(value) ? value : cutText(JSON.stringify(value), MAX_VALUE_BYTES);
}
