/** A manager's correction: texts typed into fields become answers of the type that the question takes. */
import type { components } from '../../../shared/openapi.d.ts';
import { leavesOf, answerTree, hasAnswer, type AnswerNode } from './answers.ts';
import { isPlace, isRecord, METADATA, type Item } from './definition.ts';

/** The typed texts by the pointer of their answer. A text that is the same as the stored one is no edit. */
export type Edits = ReadonlyMap<string, string>;

/** The questions that can be corrected: all but those that the server computes. */
export const fieldsOf = (items: readonly Item[], response: Record<string, unknown>): AnswerNode<never>[] =>
  leavesOf(answerTree<never>(items, response, []).nodes).filter(({ item }) => item.type !== 'calculate');

/** An answer as the text of its field. Options of a list are separated by blanks, as are the parts of a place. */
export function fieldText(value: unknown): string {
  if (!hasAnswer(value)) return '';
  if (isPlace(value)) return [value.latitude, value.longitude, value.altitude, value.accuracy].join(' ').trim();
  if (Array.isArray(value)) return value.join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The answer that a text stands for; undefined removes the answer. Text that does not fit is passed on as it is, so that
 * the API says what fits.
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
 * @param now the time of the correction; a stored time that lies ahead of it is exceeded by a second
 */
export function correctedResponse(
  items: readonly Item[],
  stored: Record<string, unknown>,
  edits: Edits,
  version: number,
  now: Date,
): Payload {
  const response = withoutCalculations(items, stored);
  for (const { item, pointer } of fieldsOf(items, stored)) {
    const text = edits.get(pointer);
    if (text !== undefined) setAnswer(response, pointer, answerFrom(item, text));
  }
  const last = Date.parse(String(stored['last_modified_time'])) || 0;
  const time = new Date(Math.max(now.getTime(), last + 1000)).toISOString();
  const corrected = {
    ...response,
    form_version: version,
    last_modified_time: time,
    synced_time: now.toISOString(),
  };
  if (!isPayload(corrected))
    throw new TypeError('The stored response has no metadata, so it cannot be corrected here.');
  return corrected;
}

type Payload = components['schemas']['Response'];

/** Whether the metadata that the API requires is there. The API checks the answers. */
const isPayload = (response: Record<string, unknown>): response is Payload =>
  [...METADATA].every((key) => key === 'form_version' || typeof response[key] === 'string');

/** A copy of the answers; groups and entries are copied too. */
function withoutCalculations(items: readonly Item[], answers: Record<string, unknown>): Record<string, unknown> {
  const computed = new Set(
    items.flatMap(({ type, key, name }) => (type === 'calculate' ? [key ?? name, `${key ?? name ?? ''}_sent`] : [])),
  );
  const inside = new Map(items.map((item) => [item.key ?? item.name, item.questions]));
  return Object.fromEntries(
    Object.entries(answers)
      .filter(([key]) => !computed.has(key))
      .map(([key, value]) => {
        const questions = inside.get(key) ?? [];
        if (Array.isArray(value)) {
          return [key, value.map((each) => (isRecord(each) ? withoutCalculations(questions, each) : each))];
        }
        return [key, isRecord(value) && inside.get(key) !== undefined ? withoutCalculations(questions, value) : value];
      }),
  );
}

function setAnswer(response: Record<string, unknown>, pointer: string, answer: unknown): void {
  const parts = pointer.split('/').slice(1);
  const keys = parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop() ?? '';
  let place: Record<string, unknown> | unknown[] = response;
  for (const key of keys) {
    const next: unknown = Array.isArray(place) ? place[Number(key)] : (place[key] ??= {});
    if (!isRecord(next) && !Array.isArray(next)) return;
    place = next;
  }
  if (Array.isArray(place)) return;
  if (answer === undefined) delete place[last];
  else place[last] = answer;
}
