/** Flags for the answers that a lenient reader found not to fit the form. */
import { OWN_FLAGS } from '../definition/metadata.ts';
import { type Answer, isAnswer } from '../values/answer.ts';
import { pointerTo, stepsOf, type Fault } from '../values/fault.ts';
import { isJsonObject, JsonNumber } from '../values/json.ts';
import type { Item } from '../question-types/index.ts';
import { USUAL_PLACES } from '../values/amount.ts';
import { collectorAdvice, findItem, shownName } from './collector-advice.ts';
import { cutText, type Flag, MAX_FIGURE_BYTES } from './flags.ts';

/** Max flags for single answers; one more flag counts the rest. */
const MAX_FLAGS = 50;

/** Maximum UTF-8 bytes of a value that is not an answer, such as an object. The submission itself is kept whole. */
const MAX_VALUE_BYTES = 1_000;

/** An amount that was rounded to the decimals of its question. `sent` is its text as it was sent. */
export type RoundedAmount = { readonly pointer: string; readonly sent: string; readonly counts: string };

/** A response that was read leniently, and its misfits. */
export type MisfitResponse = {
  readonly faults: readonly Fault[];
  readonly rounded: readonly RoundedAmount[];
  /** The response that the reader got. */
  readonly input: unknown;
  /** The form's questions. */
  readonly questions: readonly Item[];
};

/**
 * The flags `DoesNotFit` of a response. The message of a flag tells the collector which answer does not fit the form, and
 * what to do. The values of a flag hold the answer as it was sent.
 */
export function misfitFlags({ faults, rounded, input, questions }: MisfitResponse): Flag[] {
  const flags = faults.slice(0, MAX_FLAGS).map((fault) => faultFlag(fault, input, questions));
  const room = MAX_FLAGS - flags.length;
  flags.push(...rounded.slice(0, room).map((amount) => roundedFlag(amount, questions)));
  const more = faults.length + rounded.length - flags.length;
  if (more === 0) return flags;
  const message = `${more} more answers do not fit the form; the submission has them.`;
  return [...flags, { rule: OWN_FLAGS.doesNotFit, message, questions: [], values: {} }];
}

function faultFlag({ pointer, detail }: Fault, input: unknown, questions: readonly Item[]): Flag {
  const place = placeOf(pointer, questions);
  const value = valueAt(input, place.steps);
  const sent = value === undefined || value === null ? undefined : toAnswer(value);
  return flagAt(place, collectorAdvice(detail, place.item, value), sent);
}

function roundedFlag({ pointer, sent, counts }: RoundedAmount, questions: readonly Item[]): Flag {
  const place = placeOf(pointer, questions);
  const { item } = place;
  const places = item?.type === 'decimal' ? (item.places ?? USUAL_PLACES) : 0;
  const takes = places === 0 ? 'whole numbers' : `at most ${places} decimals`;
  const text = cutText(sent, MAX_FIGURE_BYTES);
  return flagAt(place, `the form takes ${takes}, so ${text} counts as ${counts}.`, cutText(sent, MAX_VALUE_BYTES));
}

/** A sentence for the collector about an amount that the phone calculated, which is not a misfit. */
export function roundedRemark({ pointer, sent, counts }: RoundedAmount, questions: readonly Item[]): string {
  const { item, path } = placeOf(pointer, questions);
  return `${shownName(item, path)}: ${sent} counts as ${counts}.`;
}

type Place = { readonly steps: readonly string[]; readonly path: string; readonly item: Item | undefined };

function placeOf(pointer: string, questions: readonly Item[]): Place {
  const steps = stepsOf(pointer);
  const keys = steps.filter((step) => !isIndex(step));
  return { steps, path: keys.join('/'), item: findItem(keys, questions) };
}

function flagAt({ steps, path, item }: Place, advice: string, sent: Answer | undefined): Flag {
  const entry = entryOf(steps);
  return {
    rule: OWN_FLAGS.doesNotFit,
    message: `${path === '' ? 'The response' : shownName(item, path)}: ${advice}`,
    ...(entry !== undefined && { entry }),
    questions: item === undefined || item.type === 'group' ? [] : [path],
    values: sent === undefined ? {} : { [path]: sent },
  };
}

/** Whether a step is the index of an entry: a whole number cannot be the key of a question. */
export function isIndex(step: string): boolean {
  return /^\d+$/.test(step);
}

/** The pointer to the innermost entry of a repeat. */
function entryOf(steps: readonly string[]): string | undefined {
  const last = steps.findLastIndex(isIndex);
  if (last < 0) return undefined;
  return pointerTo(...steps.slice(0, last + 1));
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
  // JSON has no other numbers.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return isAnswer(value) ? value : cutText(JSON.stringify(value), MAX_VALUE_BYTES);
}
