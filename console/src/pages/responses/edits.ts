/** A manager's correction: texts typed into fields become answers of the type that the question takes. */
import type { components } from '../../../shared/openapi.d.ts';
import { hasAnswer, pointerPart } from './answers.ts';
import { isPlace, isRecord, keyOf, labelOf, METADATA, type Item } from './definition.ts';

/**
 * What a manager changed. Pointers are those of the stored response; an added entry has a pointer of its own, such as
 * `/people/+0`, so that it cannot become another entry when a later revision is stored.
 */
export interface Edits {
  /** The typed texts by the pointer of their answer. A text that equals the stored one is not an edit. */
  texts: ReadonlyMap<string, string>;
  /** The pointers of entries that are added. */
  added: ReadonlySet<string>;
  /** The pointers of stored entries that are taken out. */
  removed: ReadonlySet<string>;
}

export const NO_EDITS: Edits = { texts: new Map(), added: new Set(), removed: new Set() };

/** What the editor shows: a question, the head of an entry, or the end of a repeat, where an entry can be added. */
export type EditRow = { label: string; pointer: string } & (
  { kind: 'answer'; item: Item; value: unknown } | { kind: 'entry'; isRemoved: boolean } | { kind: 'repeat' }
);

interface Entry {
  answers: unknown;
  pointer: string;
  /** From 1. */
  number: number;
}

/** The stored entries of a repeat, then the added entries. */
function entriesOf(value: unknown, repeat: string, { added }: Edits): Entry[] {
  const stored: unknown[] = Array.isArray(value) ? value : [];
  const further = [...added].filter((pointer) => pointer.slice(0, pointer.lastIndexOf('/')) === repeat);
  return [
    ...stored.map((answers, index) => ({ answers, pointer: `${repeat}/${index}` })),
    ...further.map((pointer) => ({ answers: {}, pointer })),
  ].map((entry, index) => ({ ...entry, number: index + 1 }));
}

/** Adds an entry to a repeat. @returns the edits, and the pointer of the new entry */
export function addEntry(edits: Edits, repeat: string): { edits: Edits; pointer: string } {
  let number = 0;
  while (edits.added.has(`${repeat}/+${number}`)) number += 1;
  const pointer = `${repeat}/+${number}`;
  return { edits: { ...edits, added: new Set([...edits.added, pointer]) }, pointer };
}

/** Takes an entry out, with the edits in it. */
export function removeEntry({ texts, added, removed }: Edits, entry: string): Edits {
  const isOutside = (pointer: string): boolean => pointer !== entry && !pointer.startsWith(`${entry}/`);
  return {
    texts: new Map([...texts].filter(([pointer]) => isOutside(pointer))),
    added: new Set([...added].filter(isOutside)),
    removed: new Set([...[...removed].filter(isOutside), ...(added.has(entry) ? [] : [entry])]),
  };
}

/** Puts a stored entry back. */
export const restoreEntry = (edits: Edits, entry: string): Edits => ({
  ...edits,
  removed: new Set([...edits.removed].filter((pointer) => pointer !== entry)),
});

/** How many changes there are: answers, entries that are added, and entries that are taken out. */
export const countOf = ({ texts, added, removed }: Edits): number => texts.size + added.size + removed.size;

/** The rows of the editor, without notes and what the server computes. */
export function rowsOf(
  items: readonly Item[],
  stored: unknown,
  edits: Edits,
  around: readonly string[] = [],
  at = '',
): EditRow[] {
  return items.flatMap((item): EditRow[] => {
    if (item.type === 'note' || item.type === 'calculate') return [];
    const pointer = `${at}/${pointerPart(keyOf(item))}`;
    const value = isRecord(stored) ? stored[keyOf(item)] : undefined;
    const inside = item.questions ?? [];
    const label = [...around, labelOf(item)].join(' › ');
    if (item.type === 'group') return rowsOf(inside, value, edits, [label], pointer);
    if (item.type !== 'repeat') return [{ kind: 'answer', item, label, pointer, value }];
    const entries = entriesOf(value, pointer, edits).flatMap((entry): EditRow[] => {
      const name = `${label} ${entry.number}`;
      const isRemoved = edits.removed.has(entry.pointer);
      const questions = isRemoved ? [] : rowsOf(inside, entry.answers, edits, [name], entry.pointer);
      return [{ kind: 'entry', label: name, pointer: entry.pointer, isRemoved }, ...questions];
    });
    return [...entries, { kind: 'repeat', label, pointer }];
  });
}

/** An answer as the text of its field. Options of a list are separated by blanks, as are the parts of a place. */
export function fieldText(value: unknown): string {
  if (!hasAnswer(value)) return '';
  if (isPlace(value)) return [value.latitude, value.longitude, value.altitude, value.accuracy].join(' ').trim();
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The answer that a text stands for; undefined removes the answer. Text that does not fit is passed on unchanged, so
 * that the API says what fits.
 */
export function answerFrom({ type }: Item, typed: string): unknown {
  const text = typed.trim();
  if (text === '') return undefined;
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'select_multiple') return text.split(/\s+/);
  if (type === 'geopoint') return placeFrom(text);
  // Amounts stay text, so that no digit changes.
  return type === 'text' ? typed : text;
}

function placeFrom(text: string): unknown {
  const parts = text.split(/[\s,]+/).map(Number);
  if (parts.length < 2 || parts.length > 4 || parts.some((part) => Number.isNaN(part))) return text;
  const [latitude, longitude, altitude, accuracy] = parts;
  return {
    latitude,
    longitude,
    ...(altitude !== undefined && { altitude }),
    ...(accuracy !== undefined && { accuracy }),
  };
}

/**
 * The whole response with the edits, as the API takes it. Calculations are left out, because the server computes them
 * again.
 *
 * @param stored the answers and metadata of the stored revision
 * @param version the version of the form with which it was filled in
 * @param now the time of the correction, which becomes at least a second later than the stored time
 * @returns the body, and for each pointer into it the pointer of the editor's row
 */
export function correctedResponse(
  items: readonly Item[],
  stored: Record<string, unknown>,
  edits: Edits,
  version: number,
  now: Date,
): { body: Payload; rows: ReadonlyMap<string, string> } {
  const rows = new Map<string, string>();
  const last = Date.parse(String(stored['last_modified_time'])) || 0;
  const body = {
    ...withEdits(items, stored, edits, rows),
    form_version: version,
    last_modified_time: new Date(Math.max(now.getTime(), last + 1000)).toISOString(),
    synced_time: now.toISOString(),
  };
  if (!isPayload(body)) throw new TypeError('The stored response has no metadata, so it cannot be corrected here.');
  return { body, rows };
}

type Payload = components['schemas']['Response'];

/** Whether the metadata that the API requires is there. The API checks the answers. */
const isPayload = (response: Record<string, unknown>): response is Payload =>
  [...METADATA].every((key) => key === 'form_version' || typeof response[key] === 'string');

/**
 * A copy of the answers with the edits, without calculations.
 *
 * @param rows the row of each pointer into the copy is added here
 * @param at where the answers are in the editor
 * @param sent where they are in the copy
 */
function withEdits(
  items: readonly Item[],
  stored: Record<string, unknown>,
  edits: Edits,
  rows: Map<string, string>,
  at = '',
  sent = '',
): Record<string, unknown> {
  const answers = { ...stored };
  for (const item of items) {
    const key = keyOf(item);
    const value = stored[key];
    const inside = item.questions ?? [];
    const pointer = `${at}/${pointerPart(key)}`;
    const place = `${sent}/${pointerPart(key)}`;
    rows.set(place, pointer);
    if (item.type === 'calculate') {
      delete answers[key];
      delete answers[`${key}_sent`];
    } else if (item.type === 'group') {
      const group = withEdits(inside, isRecord(value) ? value : {}, edits, rows, pointer, place);
      if (value !== undefined || Object.keys(group).length > 0) answers[key] = group;
    } else if (item.type === 'repeat') {
      const entries = entriesOf(value, pointer, edits).filter((entry) => !edits.removed.has(entry.pointer));
      if (value === undefined && entries.length === 0) continue;
      answers[key] = entries.map((entry, index) => {
        const own = `${place}/${index}`;
        rows.set(own, entry.pointer);
        return isRecord(entry.answers)
          ? withEdits(inside, entry.answers, edits, rows, entry.pointer, own)
          : entry.answers;
      });
    } else {
      const text = edits.texts.get(pointer);
      const answer = text === undefined ? value : answerFrom(item, text);
      if (answer === undefined) delete answers[key];
      else answers[key] = answer;
    }
  }
  return answers;
}
