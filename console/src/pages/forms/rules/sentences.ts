/** Rules, conditions and derived facts in words. A sentence is a list of words, and of terms: names in the form. */
import { isValid, parseISO } from 'date-fns';
import { formatTime } from '../../../../shared/format.ts';
import { flagWhen, isGroup, trueWhen, type Check, type Group, type Item, type Test } from './flag-when.ts';
import { constantsOf, factOf, isCondition, isObject, type Fact, type Scalar } from './language.ts';
import { withLabels } from './message.ts';
import { namedIn, type Definition, type Kind, type Named } from './names.ts';

export type Part = { text: string } | { term: string };
export type Sentence = Part[];

const text = (words: string): Sentence => [{ text: words }];
const term = (name: string): Sentence => [{ term: name }];
/** Stands for a part that is not chosen yet. */
const MISSING = '…';

/** Derived facts name other derived facts; below this depth, only their names are shown. */
const MAX_DEPTH = 5;

const WORDS: Record<Test, string> = {
  equal: 'is',
  notEqual: 'is not',
  lessThan: 'is less than',
  lessThanInclusive: 'is at most',
  greaterThan: 'is more than',
  greaterThanInclusive: 'is at least',
  in: 'is one of',
  notIn: 'is none of',
  between: 'is between',
  notBetween: 'is not between',
  selected: 'includes',
  notSelected: 'does not include',
  matches: 'matches the pattern',
  notMatches: 'does not match the pattern',
  answered: 'is answered',
  notAnswered: 'is not answered',
};

const WORDS_OF_TIMES: Partial<Record<Test, string>> = {
  lessThan: 'is before',
  lessThanInclusive: 'is not after',
  greaterThan: 'is after',
  greaterThanInclusive: 'is not before',
};

/** A test in words, such as `is less than`; dates are `before` and `after`. */
export const wordsOf = (test: Test, kind: Kind): string =>
  (kind === 'date' || kind.startsWith('time') ? WORDS_OF_TIMES[test] : undefined) ?? WORDS[test];

/** Parts with a separator in between. */
function joined(parts: readonly Sentence[], separator: string): Sentence {
  return parts.flatMap((part, index) => (index === 0 ? part : [...text(separator), ...part]));
}

/** A sentence as plain text. */
export const plain = (sentence: Sentence): string =>
  sentence.map((part) => ('text' in part ? part.text : part.term)).join('');

const BINARY: Record<string, string> = {
  add: ' plus ',
  subtract: ' minus ',
  multiply: ' times ',
  divide: ' divided by ',
};
const OF_ENTRIES: Record<string, string> = {
  length: 'the length of ',
  count: 'the number of ',
  sum: 'the sum over all ',
  min: 'the smallest ',
  max: 'the largest ',
};
const BETWEEN: Record<string, string> = { days_between: 'the days from ', years_between: 'the years from ' };

/** Options by their labels, and times in the reader's zone. */
function constant(value: Scalar, named: Named | undefined): string {
  if (value === '') return MISSING;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (named?.kind === 'time' && isValid(parseISO(value))) return formatTime(value);
  return `“${named?.options.find(({ name }) => name === value)?.label ?? value}”`;
}

/** Words the parts of a form's rules. */
export function createWording(definition: Definition) {
  const named = new Map(namedIn(definition).map((each) => [each.fact, each]));
  const facts = new Map(definition.facts.map((each) => [each.name, each]));
  const kindOf = (fact: string): Kind => named.get(fact)?.kind ?? 'text';

  function nameParts(fact: string, depth: number): Sentence {
    const derived = facts.get(fact);
    if (fact === '') return text(MISSING);
    if (derived === undefined || depth > MAX_DEPTH) return term(named.get(fact)?.label ?? fact);
    return factParts(derived, depth + 1);
  }

  function expressionParts(value: unknown, depth: number): Sentence {
    if (typeof value === 'string') return nameParts(value, depth);
    if (!isObject(value)) return text(String(value));
    const [[operator, content] = ['', undefined]] = Object.entries(value);
    const operands = [content].flat();
    const words = operands.map((each) => operandParts(each, depth));
    const binary = BINARY[operator];
    if (binary !== undefined) return joined(words, binary);
    const between = BETWEEN[operator];
    if (between !== undefined) return [...text(between), ...joined(words, ' to ')];
    const ofEntries = OF_ENTRIES[operator];
    if (ofEntries !== undefined) return [...text(ofEntries), ...words.flat()];
    return text(operator === 'now' ? 'now' : JSON.stringify(value));
  }

  /** An operand; with parentheses if it is a calculation. */
  function operandParts(value: unknown, depth: number): Sentence {
    const parts = expressionParts(value, depth);
    return parts.length > 1 ? [...text('('), ...parts, ...text(')')] : parts;
  }

  /** A derived fact: `the sum of food, cable, healthcare`, or `income minus expenditure`. */
  function factParts({ add, subtract, value }: Omit<Fact, 'name'>, depth = 1): Sentence {
    if (value !== undefined) return expressionParts(value, depth);
    const plus = add.map((each) => operandParts(each, depth));
    const minus = subtract.map((each) => operandParts(each, depth));
    if (minus.length === 0 && plus.length > 1) return [...text('the sum of '), ...joined(plus, ', ')];
    const from = plus.length === 0 ? text('0') : joined(plus, ' plus ');
    return minus.length === 0 ? from : [...from, ...text(' minus '), ...joined(minus, ' minus ')];
  }

  function rightParts({ fact: left, test, value }: Check): Sentence {
    const fact = factOf(value);
    if (fact !== undefined) return [...text(' '), ...nameParts(fact, 0)];
    if (test === 'answered' || test === 'notAnswered') return [];
    const constants = constantsOf(value).map((each) => constant(each, named.get(left)));
    if (constants.length === 0) return text(` ${MISSING}`);
    return text(` ${constants.join(test === 'between' || test === 'notBetween' ? ' and ' : ', ')}`);
  }

  function itemParts(item: Item): Sentence {
    if (!isGroup(item)) {
      return [...nameParts(item.fact, 0), ...text(` ${wordsOf(item.test, kindOf(item.fact))}`), ...rightParts(item)];
    }
    const parts = item.items.map((each) =>
      isGroup(each) && each.items.length > 1 ? [...text('('), ...itemParts(each), ...text(')')] : itemParts(each),
    );
    return joined(parts, item.join === 'all' ? ', and ' : ', or ');
  }

  /** `Flag when monthly expenditure is less than ...`. */
  const flags = (group: Group): Sentence => [...text('Flag when '), ...itemParts(group)];

  return {
    named: (fact: string): Named | undefined => named.get(fact),
    name: (fact: string): Sentence => nameParts(fact, 0),
    fact: (fact: Omit<Fact, 'name'>): Sentence => factParts(fact),
    /** An expression as plain text, such as that of a calculation. */
    expression: (value: unknown): string => plain(expressionParts(value, 0)),
    flags,
    /** A rule's sentence; undefined if its condition has a shape that this page does not know. */
    rule: (conditions: unknown): Sentence | undefined =>
      isCondition(conditions) ? flags(flagWhen(conditions)) : undefined,
    /** A message with the names of its placeholders: `The well is {depth} m deep.` */
    message: (message: string): string => withLabels(message, [...named.values()]),
    /** A list of questions whose answers no two responses should share. */
    duplicates: ({ questions, within }: { questions: readonly string[]; within?: number }): Sentence => [
      ...text('Flag when another response '),
      ...(within === undefined ? [] : text(`within ${within} days `)),
      ...text('has the same '),
      ...joined(
        questions.map((fact) => nameParts(fact, 0)),
        ' and ',
      ),
    ],
    /** When a condition is true: `in use is yes`. */
    condition: (conditions: unknown): Sentence =>
      isCondition(conditions) ? itemParts(trueWhen(conditions)) : text(JSON.stringify(conditions)),
  };
}

export type Wording = ReturnType<typeof createWording>;
