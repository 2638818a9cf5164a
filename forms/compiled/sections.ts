/** Reads the answers of a response, or of a group or an entry inside it. */
import type { Answer } from '../values/answer.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import { isJsonObject } from '../values/json.ts';
import { LIMITS } from '../values/limits.ts';
import { VERSION_KEY } from '../definition/metadata.ts';
import { nearestKey } from '../values/nearest-key.ts';
import { sentKey } from '../question-types/calculate.ts';
import { type Field, isSection, type Item, parserOf, type Repeat } from '../question-types/index.ts';
import { joinPath } from '../definition/question-tree.ts';

/** Maximum number of unknown keys with a fault of their own, per object; one more fault counts the rest. */
export const MAX_UNKNOWN_KEYS = 50;

const MAX_HINTS = 10;

/** No more entries of repeats are read or completed once a response has this number of faults. */
export const MAX_FAULTS = 1_000;

/** Answers by key. A group has an object of answers, a repeat a list of such objects. */
export type Content = { [key: string]: Answer | Content | Content[] };

/** What is known of a response while it is read. */
export type Reading = {
  readonly errors: Fault[];
  /** The answers on which options of later questions depend, by path. */
  readonly earlier: Record<string, Answer>;
  /** The paths of faulty answers. */
  readonly faulty: Set<string>;
  /** The number of entries of each repeat, by path. */
  readonly entries: Map<string, number>;
};

/** A section of the form: the form itself, a group, or a repeat. */
type Place = {
  /** `''` for the form. */
  readonly path: string;
  /** Whether a condition decides if the section is relevant. */
  readonly isConditional: boolean;
  /** The paths of the questions on which options depend. */
  readonly needed: ReadonlySet<string>;
};

/**
 * The answers in the form's order; and for the content hash their canonical JSON, sorted by key, with `''` for no
 * answer.
 */
type SectionAnswers = { readonly answers: Content; readonly canonical: readonly string[] };

/** @param at JSON pointer to the object */
type SectionReader = (input: Readonly<Record<string, unknown>>, at: string, reading: Reading) => SectionAnswers;

/** An answer, and its canonical JSON; `''` if only calculations are inside. */
type Read = { readonly value: Content[string]; readonly canonical: string };

type ItemReader = {
  readonly isRequired: boolean;
  /** @returns undefined if there is no answer, or if the answer has a fault */
  readonly read: (value: unknown, at: string, reading: Reading) => Read | undefined;
};

/**
 * Returns a reader of a section. The reader reports required answers that are missing. If a condition decides whether
 * an answer is required or relevant, relevance.ts reports it instead.
 *
 * @param unhashed keys that are left out of the content hash
 */
export function compileSection(
  items: readonly (Field | Item)[],
  place: Place,
  unhashed: readonly string[] = [],
): SectionReader {
  // A calculation follows from the other answers, and devices may compute it differently, so it is not hashed.
  const hashed = items.filter(({ key, type }) => type !== 'calculate' && !unhashed.includes(key)).map(({ key }) => key);
  // Hashed by key and not by position: moving a question does not turn a retry into a conflict.
  const positions = new Map(hashed.toSorted().map((key, position) => [key, position]));
  const readers = items.map((item) => ({
    key: item.key,
    sentKey: item.type === 'calculate' ? sentKey(item.key) : undefined,
    hashedAt: positions.get(item.key) ?? -1,
    hashedKey: `,${JSON.stringify(item.key)}:`,
    ...readerOf(item, place),
  }));
  const keys = new Set(readers.flatMap((reader) => [reader.key, reader.sentKey ?? reader.key]));

  return (input, at, reading) => {
    const answers: Content = {};
    const canonical = hashed.map(() => '');
    const missing: string[] = [];
    let known = 0;
    for (const { key, sentKey: sent, isRequired, hashedAt, hashedKey, read } of readers) {
      let value = Object.hasOwn(input, key) ? input[key] : undefined;
      if (value !== undefined) known += 1;
      if (sent !== undefined) {
        // A response that the server returned has the device's value under the second key.
        if (Object.hasOwn(input, sent)) {
          known += 1;
          value = input[sent];
        }
        // relevance.ts puts the computed value here.
        answers[key] = '';
      }
      if ((value === undefined || value === null) && isRequired) {
        if (value === undefined) missing.push(key);
        reading.faulty.add(joinPath(place.path, key));
        reading.errors.push({ pointer: at + pointerTo(key), detail: value === null ? NULL_ADVICE : MISSING_ADVICE });
        continue;
      }
      const answer = read(value ?? undefined, at, reading);
      if (answer === undefined) continue;
      answers[sent ?? key] = answer.value;
      if (hashedAt >= 0 && answer.canonical !== '') canonical[hashedAt] = hashedKey + answer.canonical;
    }
    const unknown = findUnknownKeys(input, keys, known, at === '');
    if (unknown.length > 0) reading.errors.push(...unknownKeyFaults(unknown, missing, at));
    return { answers, canonical };
  };
}

function readerOf(item: Field | Item, place: Place): ItemReader {
  const path = joinPath(place.path, item.key);
  if (isSection(item)) {
    const isConditional = place.isConditional || item.relevant !== undefined;
    const inside = compileSection(item.questions, { ...place, path, isConditional });
    const read =
      item.type === 'group' ? groupReader(item.key, inside) : repeatReader(item, path, isConditional, inside, place);
    return { isRequired: false, read };
  }
  const parse = parserOf(item);
  const isNeeded = place.needed.has(path);
  const pointer = pointerTo(item.key);
  return {
    isRequired: item.required === true && !place.isConditional && !('relevant' in item && item.relevant !== undefined),
    read: (value, at, reading) => {
      if (value === undefined) return undefined;
      const answer = parse(value, reading.earlier, reading.faulty);
      if (!answer.ok) {
        reading.faulty.add(path);
        reading.errors.push({ pointer: at + pointer, detail: answer.detail });
        return undefined;
      }
      if (isNeeded) reading.earlier[path] = answer.value;
      return { value: answer.value, canonical: JSON.stringify(answer.canonical) };
    },
  };
}

/** An absent group is read as an empty one, so that each missing answer has its fault. */
function groupReader(key: string, inside: SectionReader): ItemReader['read'] {
  const own = pointerTo(key);
  return (value = {}, at, reading) => {
    const pointer = at + own;
    if (!isJsonObject(value)) {
      reading.errors.push({ pointer, detail: 'Send the answers of this group as a JSON object.' });
      return undefined;
    }
    const { answers, canonical } = inside(value, pointer, reading);
    if (Object.keys(answers).length === 0) return undefined;
    return { value: answers, canonical: canonical.some((member) => member !== '') ? objectOf(canonical) : '' };
  };
}

function repeatReader(
  { key, min = 0, max = LIMITS.entries }: Repeat,
  path: string,
  isConditional: boolean,
  inside: SectionReader,
  { needed }: Place,
): ItemReader['read'] {
  const own = pointerTo(key);
  const neededInside = [...needed].filter((each) => each.startsWith(`${path}/`));
  return (value = [], at, reading) => {
    const pointer = at + own;
    const fault = (detail: string) => void reading.errors.push({ pointer, detail });
    if (!Array.isArray(value)) return fault('Send a list of entries; each is a JSON object with its answers.');
    const total = (reading.entries.get(path) ?? 0) + value.length;
    reading.entries.set(path, total);
    if (value.length > max) fault(`Send at most ${max} entries; this has ${value.length}.`);
    else if (total > LIMITS.entries) fault(`Send at most ${LIMITS.entries} of these entries in a response.`);
    if (value.length < min && !(isConditional && value.length === 0)) fault(`Send at least ${min} entries.`);
    const read: SectionAnswers[] = [];
    const room = Math.max(0, LIMITS.entries - total + value.length);
    for (const [index, entry] of value.slice(0, Math.min(max, room)).entries()) {
      if (reading.errors.length >= MAX_FAULTS) break;
      for (const each of neededInside) {
        Reflect.deleteProperty(reading.earlier, each);
        reading.faulty.delete(each);
      }
      if (isJsonObject(entry)) read.push(inside(entry, `${pointer}/${index}`, reading));
      else {
        const detail = 'Send an entry as a JSON object with its answers.';
        reading.errors.push({ pointer: `${pointer}/${index}`, detail });
      }
    }
    if (read.length === 0) return undefined;
    return {
      value: read.map(({ answers }) => answers),
      canonical: `[${read.map(({ canonical }) => objectOf(canonical)).join(',')}]`,
    };
  };
}

/** @param members each begins with a comma */
function objectOf(members: readonly string[]): string {
  return `{${members.join('').slice(1)}}`;
}

export const MISSING_ADVICE = 'This key is missing; an answer is required.';
export const BLANK_ADVICE = 'Send an answer that is not blank; this question is required.';
export const NULL_ADVICE = 'Send an answer instead of null; this question is required.';

/** @param known the number of known keys in the input */
function findUnknownKeys(input: object, keys: ReadonlySet<string>, known: number, isResponse: boolean): string[] {
  const sent = Object.keys(input);
  return sent.length === known ? [] : sent.filter((key) => !keys.has(key) && !(isResponse && key === VERSION_KEY));
}

function unknownKeyFaults(unknown: readonly string[], missing: readonly string[], at: string): Fault[] {
  const faults = unknown.slice(0, MAX_UNKNOWN_KEYS).map((key, index) => {
    const near = index < MAX_HINTS ? nearestKey(key, missing) : undefined;
    const hint = near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`;
    return { pointer: at + pointerTo(key), detail: `Remove this key; the form does not have it.${hint}` };
  });
  const more = unknown.length - faults.length;
  return more > 0
    ? [...faults, { pointer: at, detail: `Remove ${more} more keys that the form does not have.` }]
    : faults;
}
