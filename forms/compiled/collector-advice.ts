/** Turns faults into advice for a collector with a phone. The readers' own texts are for developers: they name JSON. */
import { isSection, type Item } from '../question-types/index.ts';
import { amountText, MAX_AMOUNT_DIGITS } from '../values/amount.ts';
import { LIMITS } from '../values/limits.ts';
import { textFault } from '../values/text.ts';
import { cutText } from './flags.ts';
import { IRRELEVANT } from './relevance.ts';
import { BLANK_ADVICE, MISSING_ADVICE, NULL_ADVICE } from './sections.ts';

const REQUIRED: ReadonlySet<string> = new Set([BLANK_ADVICE, MISSING_ADVICE, NULL_ADVICE]);

/** Max UTF-8 bytes of a label in a message. */
const MAX_LABEL_BYTES = 300;

/** The question, group or repeat with this path; undefined if the form has none. */
export function findItem([key, ...rest]: readonly string[], items: readonly Item[]): Item | undefined {
  const found = items.find((item) => item.key === key);
  if (found === undefined || rest.length === 0) return found;
  return isSection(found) ? findItem(rest, found.questions) : undefined;
}

/** The name by which a collector knows a question: its label in the form's first language, or its path. */
export function shownName(item: Item | undefined, path: string): string {
  const label = typeof item?.label === 'object' ? Object.values(item.label)[0] : item?.label;
  return label === undefined ? path : cutText(label.replaceAll(/\s+/g, ' ').trim(), MAX_LABEL_BYTES);
}

/**
 * Advice to a collector about a fault, shown after the name of the question and a colon.
 *
 * @param detail the fault's advice to developers, from a reader of responses
 * @param item the item with the fault; undefined if the form does not have it
 * @param value the answer as sent
 */
export function collectorAdvice(detail: string, item: Item | undefined, value: unknown): string {
  if (REQUIRED.has(detail)) return 'an answer is required.';
  if (detail === IRRELEVANT)
    return 'with the other answers, the form does not ask this. Check them, or clear this answer.';
  if (item === undefined) return 'the form does not have this question. Update the form in the app.';
  switch (item.type) {
    case 'integer':
      return `enter a whole number${rangeOf(item)}.`;
    case 'decimal':
      return `enter a number${rangeOf(item)}.`;
    case 'boolean':
      return 'choose yes or no.';
    case 'date':
      return 'enter a date that exists.';
    case 'datetime':
    case 'time':
      return 'enter a date and a time.';
    case 'time_of_day':
      return 'enter a time of day.';
    case 'geopoint':
      return 'record the place again; this is no place on earth.';
    case 'select_one':
    case 'choice':
      return 'choose an option that the form offers with the other answers.';
    case 'select_multiple':
      return `choose ${countOf(item.min, item.max, item.options.length)} options that the form offers with the other answers.`;
    case 'text': {
      const fault = typeof value === 'string' ? textFault(value, item) : undefined;
      if (fault !== undefined) return fault.charAt(0).toLowerCase() + fault.slice(1);
      return item.pattern === undefined ? 'enter text.' : `enter text that matches ${item.pattern}`;
    }
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return 'attach the file again.';
    case 'calculate':
      return 'the app calculated a value that cannot be stored. Ask the manager.';
    case 'note':
      return 'this takes no answer.';
    case 'group':
      return 'answer its questions again.';
    case 'repeat':
      return `the form takes ${countOf(item.min, item.max, LIMITS.entries)} entries.`;
  }
}

/** Names only the bounds that the question has. */
function rangeOf({ min, max }: { min?: number | string | undefined; max?: number | string | undefined }): string {
  const [least, most] = [amountText(min), amountText(max)];
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of ${least} or more`;
  return most === undefined ? ` with at most ${MAX_AMOUNT_DIGITS} digits` : ` of ${most} or less`;
}

function countOf(min: number | undefined, max: number | undefined, most: number): string {
  return `${min ?? 0} to ${max ?? most}`;
}
