/** Translates the calculations of an XForm. */
import { LIMITS } from '../../values/limits.ts';
import { type Entry, isAsked, type Translation, Untranslatable } from './draft.ts';
import { attempt, type Dropped } from './state.ts';
import { isAlwaysAnswered, NOT_ALWAYS, type Place, valueOf } from './xpath-values.ts';
import { parseXPath, type XPath, XPathError } from './xpath.ts';

/** The types of binds whose calculations the server can compute. */
const CALCULATED_TYPES: Readonly<Record<string, readonly string[]>> = {
  number: ['', 'string', 'int', 'integer', 'decimal'],
  text: ['', 'string'],
  choice: ['', 'string', 'select1'],
  date: ['', 'string', 'date'],
};

/**
 * Makes an item a calculation, if the server can compute its value as the phone does. Otherwise it stays a plain
 * question, which keeps what the phone sent.
 */
export function translateCalculation(entry: Entry, translation: Translation, dropped: Dropped): void {
  const { bind, draft } = entry;
  const calculate = bind?.calculate;
  if (calculate === undefined || draft.questions !== undefined) return;
  const place = { translation, entry, factOf: noFact };
  attempt(entry, 'calculate', dropped, () => {
    if (isAsked(entry)) throw new Untranslatable('The collector can change the value.');
    const value = valueOf(parseXPath(calculate), place);
    const { expression, kind, isWhole = false, isRoundedByPhone = false, lengthOf } = value;
    if (lengthOf !== undefined && !isAlwaysAnswered(lengthOf)) throw new Untranslatable(NOT_ALWAYS);
    const type = bind?.type ?? '';
    const fits = CALCULATED_TYPES[kind]?.includes(type) === true && (isWhole || !type.startsWith('int'));
    if (expression === undefined || !fits) throw new Untranslatable('The server does not compute values of this type.');
    for (const member of ['min', 'max', 'places', 'max_length', 'multiline', 'options', 'required'] as const) {
      delete draft[member];
    }
    draft.type = 'calculate';
    draft.value = expression;
    entry.calculated = { kind, isWhole, isRoundedByPhone };
  });
  if (draft.type === 'text' && !isAsked(entry)) entry.possibleTexts = textsOf(calculate, place);
}

/** A calculation is an expression, so it needs no derived facts. */
function noFact(): never {
  throw new Untranslatable('The server does not compute this.');
}

/** The texts that a calculation can give, apart from an empty one; undefined if they are not known. */
function textsOf(calculate: string, place: Place): readonly string[] | undefined {
  try {
    const texts = [...new Set(possibleTextsOf(parseXPath(calculate), place))].filter((text) => text.trim() !== '');
    return texts.length > 0 && texts.length <= LIMITS.list ? texts : undefined;
  } catch (error) {
    if (error instanceof Untranslatable || error instanceof XPathError) return undefined;
    throw error;
  }
}

function possibleTextsOf(xpath: XPath, place: Place): readonly string[] {
  if (xpath.kind === 'text') return [xpath.value];
  if (xpath.kind === 'number' && /^\d{1,9}$/.test(xpath.value)) return [String(Number(xpath.value))];
  if (xpath.kind === 'call' && xpath.name === 'if')
    return xpath.args.slice(1).flatMap((arg) => possibleTextsOf(arg, place));
  if (xpath.kind === 'call' && xpath.name === 'coalesce')
    return xpath.args.flatMap((arg) => possibleTextsOf(arg, place));
  const { names, kind } = xpath.kind === 'path' ? valueOf(xpath, place) : {};
  if (names === undefined || kind === 'options') throw new Untranslatable('It can be any text.');
  return names;
}
