/** Turns the values in XPath expressions into facts and expressions of Collect's language. */
import type { Expression } from '../../language/expression.ts';
import { MAX_AMOUNT_DIGITS } from '../../values/amount.ts';
import { type AnswerKind, type Entry, isAsked, isCall, type Translation, Untranslatable, withAround } from './draft.ts';
import type { Operator, PathExpression, XPath } from './xpath.ts';

/** The place of an expression in the form. */
export type Place = {
  readonly translation: Translation;
  readonly entry: Entry;
  /** The name of a derived fact with this value. */
  readonly factOf: (expression: Expression) => string;
};

/** The place of a condition in the form. */
export type ConditionPlace = Place & {
  /** Whether it is a constraint; dates may be compared with today only there. */
  readonly isConstraint: boolean;
  /** Collects the reasons why parts of a constraint are left to the phone. */
  readonly leftOut: string[];
};

/** A comparison of XPath. */
export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A value in an expression. */
export type Value = {
  readonly kind: AnswerKind;
  /** A number or text that is written in the expression. */
  readonly constant?: string;
  /** How Collect computes it; undefined for constant texts and dates. */
  readonly expression?: Expression;
  /** The question whose answer it is. */
  readonly question?: Entry;
  /** All texts that it can be, apart from an empty one: the names of options, or what a calculation can give. */
  readonly names?: readonly string[];
  /** The question whose length or number of options it is. Without an answer, phones use 0; Collect has no value. */
  readonly lengthOf?: Entry;
  readonly isWhole?: boolean;
  /** Whether a phone rounds it in binary floating point: it then differs from the server's exact number. */
  readonly isRoundedByPhone?: boolean;
};

const ARITHMETIC: Readonly<Partial<Record<Operator, string>>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  div: 'divide',
};

/**
 * The value of an expression.
 *
 * @throws {Untranslatable} if Collect cannot compute it as a phone does
 */
export function valueOf(xpath: XPath, place: Place): Value {
  switch (xpath.kind) {
    case 'number':
      return numberOf(xpath.value);
    case 'text':
      return { kind: 'text', constant: xpath.value };
    case 'negative': {
      if (xpath.operand.kind === 'number') return numberOf(`-${xpath.operand.value}`);
      const { expression, isWhole = false, isRoundedByPhone = false } = arithmeticOperand(xpath.operand, place);
      return { kind: 'number', expression: { multiply: [-1, expression] }, isWhole, isRoundedByPhone };
    }
    case 'path':
      return answerOf(findEntry(xpath, place), place);
    case 'operation':
      return calculationOf(xpath, place);
    case 'call':
      return callOf(xpath.name, xpath.args, place);
    default:
      throw new Untranslatable('It calculates with true and false.');
  }
}

function numberOf(text: string): Value {
  const plain = text.replace(/\.$/, '').replace(/^(-?)\./, '$10.');
  if (plain.replaceAll(/\D/g, '').length > MAX_AMOUNT_DIGITS) {
    throw new Untranslatable(`A number has more than ${MAX_AMOUNT_DIGITS} digits.`);
  }
  return { kind: 'number', constant: plain, expression: Number(plain), isWhole: !plain.includes('.') };
}

function arithmeticOperand(xpath: XPath, place: Place): Value & { readonly expression: Expression } {
  const value = valueOf(xpath, place);
  const { expression, kind, lengthOf } = value;
  if (kind !== 'number' || expression === undefined)
    throw new Untranslatable('It calculates with something other than a number.');
  if (lengthOf !== undefined && !isAlwaysAnswered(lengthOf)) throw new Untranslatable(NOT_ALWAYS);
  return { ...value, expression };
}

/** Why a calculation that treats a missing answer as 0 is not translated. */
export const NOT_ALWAYS = 'It calculates with the length of answers that may be missing.';

function calculationOf({ operator, left, right }: XPath & { kind: 'operation' }, place: Place): Value {
  const name = ARITHMETIC[operator];
  if (name === undefined) throw new Untranslatable(`The server has no ${operator} in calculations.`);
  const days = operator === '-' ? daysBetween(left, right, place) : undefined;
  if (days !== undefined) return days;
  const [first, second] = [arithmeticOperand(left, place), arithmeticOperand(right, place)];
  const isWhole = operator !== 'div' && first.isWhole === true && second.isWhole === true;
  const expression = { [name]: [first.expression, second.expression] };
  return { kind: 'number', expression, isWhole, isRoundedByPhone: !isWhole };
}

/** Phones treat dates in a calculation as numbers of days. */
function daysBetween(left: XPath, right: XPath, place: Place): Value | undefined {
  if (left.kind !== 'path' || right.kind !== 'path') return undefined;
  const [to, from] = [valueOf(left, place), valueOf(right, place)];
  if (to.kind !== 'date' || from.kind !== 'date' || !to.question || !from.question) return undefined;
  return { kind: 'number', expression: { days_between: [from.question.path, to.question.path] }, isWhole: true };
}

function callOf(name: string, args: readonly XPath[], place: Place): Value {
  const [first, ...more] = args;
  if (first === undefined || more.length > 0) throw new Untranslatable(`The server does not compute ${name}().`);
  switch (name) {
    case 'date': {
      const inner = first.kind === 'call' && first.name === 'date' ? first.args[0] : first;
      if (inner?.kind !== 'text' || !/^\d{4}-\d\d-\d\d$/.test(inner.value)) break;
      return { kind: 'date', constant: inner.value };
    }
    case 'number': {
      const value = valueOf(first, place);
      if (value.kind !== 'number') break;
      return value;
    }
    case 'string-length':
    case 'count-selected': {
      const { question, kind } = valueOf(first, place);
      const wanted = name === 'string-length' ? question?.draft.type === 'text' : kind === 'options';
      if (question === undefined || !wanted) break;
      return { kind: 'number', expression: { length: question.path }, lengthOf: question, isWhole: true };
    }
    case 'position': {
      const repeat = first.kind === 'path' ? findEntry(first, place) : undefined;
      if (repeat?.draft.type !== 'repeat' || !isAround(repeat, place.entry)) break;
      return { kind: 'number', expression: repeat.path, isWhole: true };
    }
    case 'count':
    case 'count-non-empty':
    case 'sum':
    case 'min':
    case 'max':
      return aggregateOf(name, first, place);
    default:
  }
  throw new Untranslatable(`The server does not compute ${name}() of this.`);
}

function aggregateOf(name: 'count' | 'count-non-empty' | 'sum' | 'min' | 'max', over: XPath, place: Place): Value {
  const target = over.kind === 'path' ? findEntry(over, place) : undefined;
  const repeat = target && withAround(target).find(({ draft }) => draft.type === 'repeat');
  if (target === undefined || repeat === undefined)
    throw new Untranslatable(`The server computes ${name}() only of a repeat.`);
  // A phone uses only the current entry; if a repeat is inside another, it uses all entries of all lists.
  const outer = target.repeats.slice(0, -1);
  if (place.entry.repeats.includes(repeat.node.path) || outer.some((path) => !place.entry.repeats.includes(path))) {
    throw new Untranslatable(`The server cannot tell which entries ${name}() covers.`);
  }
  if (name === 'count') {
    const inRepeat = withAround(target).slice(0, withAround(target).indexOf(repeat));
    if (inRepeat.some(({ bind }) => bind?.relevant !== undefined))
      throw new Untranslatable('It counts nodes that may be absent.');
    return { kind: 'number', expression: { count: repeat.path }, isWhole: true };
  }
  const { kind, isWhole = false, isRoundedByPhone = false } = answerOf(target, { ...place, entry: target });
  if (target === repeat) throw new Untranslatable(`The server does not compute ${name}() of a repeat itself.`);
  if (name === 'count-non-empty') return { kind: 'number', expression: { count: target.path }, isWhole: true };
  if (kind !== 'number') throw new Untranslatable(`The server computes ${name}() only of numbers.`);
  const isRounded = isRoundedByPhone || (name === 'sum' && !isWhole);
  return { kind: 'number', expression: { [name]: target.path }, isWhole, isRoundedByPhone: isRounded };
}

/** Whether a response always has an answer to a question. */
export function isAlwaysAnswered(question: Entry): boolean {
  return (
    isAsked(question) &&
    isCall(question.bind?.required, 'true') &&
    withAround(question).every(({ bind }) => bind?.relevant === undefined)
  );
}

/** The answer to a question, as an expression at `entry` sees it. */
function answerOf(question: Entry, { entry, translation }: Place): Value {
  if (question.repeats.some((path) => !entry.repeats.includes(path))) {
    throw new Untranslatable(`It names ${question.node.name}, which has an answer for each entry of a repeat.`);
  }
  const { draft } = question;
  const value = { expression: question.path, question };
  switch (draft.type) {
    case 'integer':
      return { ...value, kind: 'number', isWhole: true };
    case 'decimal':
      return { ...value, kind: 'number', isRoundedByPhone: isFilledByPhone(question, translation) };
    case 'calculate':
      return { ...value, kind: 'other', ...question.calculated };
    case 'text':
      return { ...value, kind: 'text', ...(question.possibleTexts !== undefined && { names: question.possibleTexts }) };
    case 'select_one':
      return { ...value, kind: 'choice', names: draft.options?.map(({ name }) => name) ?? [] };
    case 'select_multiple':
      return { ...value, kind: 'options', names: draft.options?.map(({ name }) => name) ?? [] };
    case 'date':
      return { ...value, kind: 'date' };
    case 'datetime':
      return { ...value, kind: 'time' };
    case 'note':
    case 'group':
    case 'repeat':
      throw new Untranslatable(`It compares ${question.node.name}, which has no answer.`);
    default:
      return { ...value, kind: 'other' };
  }
}

/** Whether the phone calculates the answer, perhaps as a value with which the collector begins. */
function isFilledByPhone({ bind, node }: Entry, { xform }: Translation): boolean {
  return bind?.calculate !== undefined || xform.written.has(node.path);
}

/** Whether a repeat is around an item. */
function isAround(repeat: Entry, entry: Entry): boolean {
  return entry !== repeat && withAround(entry).includes(repeat);
}

/** The item that a path names. */
export function findEntry({ from, steps }: PathExpression, { entry, translation }: Place): Entry {
  const isCurrent = typeof from === 'object' && from.kind === 'call' && from.name === 'current';
  if (typeof from === 'object' && !isCurrent) {
    const name = from.kind === 'call' ? `${from.name}()` : 'an expression';
    throw new Untranslatable(`It reads from ${name}, which the server does not compute.`);
  }
  const names = from === 'root' ? [] : entry.node.path.split('/').slice(1);
  for (const { axis, name, predicates } of steps) {
    if (axis === 'other' || predicates.length > 0) {
      throw new Untranslatable('It chooses nodes by more than their names.');
    }
    if (axis === 'parent') names.pop();
    if (axis === 'child') names.push(name);
  }
  const found = translation.byNode.get(names.map((name) => `/${name}`).join(''));
  if (found === undefined) {
    throw new Untranslatable(`It reads ${names.at(-1) ?? 'the form'}, which is not a question of the form.`);
  }
  return found;
}
