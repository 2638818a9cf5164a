/** Reads conditions and reports their faults. */
import { amountText } from '../values/amount.ts';
import { isScalar, type Scalar } from '../values/answer.ts';
import type { Comparison, Condition } from '../language/condition.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import type { FactCatalogue } from './form-checks.ts';
import { isJsonObject, JsonNumber } from '../values/json.ts';
import type { Kind } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { LIST_OPERATORS, OPERATIONS, type Operator, OPERATORS, PRESENCE_OPERATORS } from '../language/operators.ts';
import { patternFault } from '../values/pattern.ts';
import type { Question } from '../question-types/index.ts';
import { checkDecides } from './unsatisfiable.ts';

type Reading = {
  readonly catalogue: FactCatalogue;
  readonly faults: Fault[];
  /** Reading stops at this number of faults. */
  readonly maxFaults: number;
  readonly isStored: boolean;
  comparisons: number;
  /** The comparisons without a fault, with their pointers. */
  readonly sound: [Comparison, string][];
};

/** Maximum number of faults that are reported for one rule. */
const MAX_FAULTS = 100;

/** The operators whose constants must be possible answers. */
const EQUALITY: ReadonlySet<Operator> = new Set(['equal', 'notEqual', 'selected', ...LIST_OPERATORS]);

/**
 * Reads a rule's conditions: nested `all`, `any` and `not`, and comparisons `{ fact, operator, value }` at the leaves,
 * where `value` is a constant or `{ fact }`. The operators `answered` and `notAnswered` have no value. Other members,
 * such as json-rules-engine's `path`, `params` and `priority`, are refused.
 *
 * Each kind of value has its operators; `in` and `notIn` take a list, `between` two bounds. Refused because they decide
 * nothing: an empty group or list, and a fact compared to itself. If the rule is not stored, equality with a constant
 * that cannot be an answer to the question and the findings of `checkDecides` are refused too.
 *
 * @param pointer where the conditions are
 * @param faults every fault found is added here, up to about 100
 * @param what `isStored`: whether an earlier release may have stored the condition; `isRule`: whether it belongs to a
 * rule or constraint, and must be able to be true and to be false
 * @returns the conditions, with each {@link JsonNumber} turned into a number; undefined if there are faults
 */
export function readConditions(
  input: unknown,
  pointer: string,
  catalogue: FactCatalogue,
  faults: Fault[],
  { isStored, isRule }: { isStored: boolean; isRule: boolean },
): Condition | undefined {
  const before = faults.length;
  const reading: Reading = { catalogue, faults, maxFaults: before + MAX_FAULTS, isStored, comparisons: 0, sound: [] };
  const condition = readCondition(input, pointer, 1, reading);
  if (reading.comparisons > LIMITS.conditions) {
    faults.push({ pointer, detail: `Use at most ${LIMITS.conditions} comparisons in a rule.` });
  }
  const isSound = condition !== undefined && faults.length === before;
  const mustDecide = isRule && !isStored;
  if (mustDecide && isSound) checkDecides(condition, pointer, catalogue, faults);
  // A faulty rule cannot be checked as a whole, so each of its sound comparisons is checked alone.
  if (mustDecide && !isSound) {
    for (const [comparison, at] of reading.sound) {
      if (faults.length < reading.maxFaults) checkDecides(comparison, at, catalogue, faults);
    }
  }
  return faults.length === before ? condition : undefined;
}

function readCondition(input: unknown, pointer: string, depth: number, reading: Reading): Condition | undefined {
  if (reading.faults.length >= reading.maxFaults || reading.comparisons > LIMITS.conditions) return undefined;
  const fault = (detail: string, at = '') => void reading.faults.push({ pointer: pointer + at, detail });
  if (!isJsonObject(input)) {
    return fault('Send an object: all, any, not, or a comparison with fact, operator and value.');
  }
  if (depth > LIMITS.depth) return fault(`Nest conditions at most ${LIMITS.depth} deep.`);
  const members = new Map<string, unknown>(Object.entries(input));
  const group = (['all', 'any', 'not'] as const).find((name) => members.has(name));
  const known = group === undefined ? ['fact', 'operator', 'value'] : [group];
  for (const member of [...members.keys()].slice(0, MAX_FAULTS)) {
    if (!known.includes(member))
      fault(`Remove this member; only ${known.join(', ')} can be used here.`, pointerTo(member));
  }
  if (group === undefined) {
    const comparison = readComparison(members, pointer, reading);
    if (comparison !== undefined) reading.sound.push([comparison, pointer]);
    return comparison;
  }

  const content = members.get(group);
  if (group === 'not') {
    const not = readCondition(content, `${pointer}/not`, depth + 1, reading);
    return not === undefined ? undefined : { not };
  }
  if (!Array.isArray(content) || content.length === 0) return fault('List at least one condition.', `/${group}`);
  const parts = content
    .map((part: unknown, index) => readCondition(part, `${pointer}/${group}/${index}`, depth + 1, reading))
    .filter((part) => part !== undefined);
  return group === 'all' ? { all: parts } : { any: parts };
}

function readComparison(
  members: ReadonlyMap<string, unknown>,
  pointer: string,
  reading: Reading,
): Comparison | undefined {
  reading.comparisons += 1;
  const fault = (detail: string, at: string) => void reading.faults.push({ pointer: pointer + at, detail });
  const fact = members.get('fact');
  const left = typeof fact === 'string' ? reading.catalogue.get(fact) : undefined;
  if (typeof fact !== 'string' || left === undefined) {
    fault('Name a question by its key, metadata, or a derived fact.', '/fact');
  }
  const operator = OPERATORS.find((name) => name === members.get('operator'));
  if (operator === undefined) fault(`Use one of: ${OPERATORS.join(', ')}.`, '/operator');
  const takesValue = operator === undefined || !PRESENCE_OPERATORS.has(operator);
  if (takesValue && !members.has('value')) {
    fault('Say what to compare with: a constant, or { "fact": ... }.', '/value');
  }
  if (!takesValue && members.has('value')) fault(`Remove this member; ${operator} takes no value.`, '/value');
  if (typeof fact !== 'string' || left === undefined || operator === undefined || takesValue !== members.has('value'))
    return undefined;

  const { kind, question } = left;
  if (kind !== undefined && !kind.operators.includes(operator)) {
    return fault(
      `Use one of: ${kind.operators.join(', ')}; the kind ${kind.name} has no other operators.`,
      '/operator',
    );
  }
  if (!takesValue) {
    if (kind !== undefined && question === undefined)
      return fault(`Name a question; ${operator} takes neither metadata nor a derived fact.`, '/fact');
    return { fact, operator };
  }

  if (operator === 'matches' && kind !== undefined && !isMatchable(question)) {
    const detail = `Name a text question whose max_length is ${LIMITS.matched_text} or less.`;
    return fault(detail, '/fact');
  }

  const value = members.get('value');
  const other = factOf(value);
  if (other !== undefined) {
    const detail = factFault(fact, kind, operator, other, reading.catalogue);
    return detail === undefined ? { fact, operator, value: { fact: other } } : fault(detail, '/value/fact');
  }

  const constants = readConstants(value, kind, operator, pointer, reading);
  if (constants === undefined) return undefined;
  if (operator === 'matches') {
    const detail = patternFault(String(constants[0]));
    if (detail !== undefined) return fault(detail, '/value');
  }
  const limits = left.limits?.();
  if (!reading.isStored && limits !== undefined && EQUALITY.has(operator)) {
    const before = reading.faults.length;
    for (const [index, constant] of constants.entries()) {
      if (limits.allows(constant)) continue;
      const detail = `Choose another constant; ${limits.explain?.(constant) ?? `the answers are ${limits.description}.`}`;
      fault(detail, LIST_OPERATORS.has(operator) ? `/value/${index}` : '/value');
    }
    if (reading.faults.length > before) return undefined;
  }
  if (takesSeveral(operator)) return { fact, operator, value: constants };
  const [constant] = constants;
  return constant === undefined ? undefined : { fact, operator, value: constant };
}

/** Long patterns take long on long texts. */
function isMatchable(question: Question | undefined): boolean {
  return question?.type === 'text' && question.max_length <= LIMITS.matched_text;
}

function factOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'fact') return undefined;
  const fact: unknown = Reflect.get(value, 'fact');
  return typeof fact === 'string' ? fact : undefined;
}

function factFault(
  fact: string,
  kind: Kind | undefined,
  operator: Operator,
  other: string,
  catalogue: FactCatalogue,
): string | undefined {
  const right = catalogue.get(other);
  if (right === undefined) return 'Name a question by its key, metadata, or a derived fact.';
  if (takesSeveral(operator)) return `Send a list of constants; ${operator} does not compare with a fact.`;
  if (operator === 'selected') return 'Name an option; selected takes a constant.';
  if (operator === 'matches') return 'Send a pattern; matches takes a constant.';
  if (other === fact) return 'Compare with another fact; a fact always equals itself.';
  if (kind !== undefined && right.kind !== undefined && kind.name !== right.kind.name) {
    return `Compare facts of the same kind; the left fact is of the kind ${kind.name}, this fact of the kind ${right.kind.name}.`;
  }
  return undefined;
}

/** The constants of a comparison: a single constant, those of a list, or the two bounds of `between`. */
function readConstants(
  value: unknown,
  kind: Kind | undefined,
  operator: Operator,
  pointer: string,
  reading: Reading,
): readonly Scalar[] | undefined {
  const fault = (detail: string, at: string) => void reading.faults.push({ pointer: pointer + at, detail });
  const advice = kind?.advice ?? 'Send a number, text, true or false.';
  if (!takesSeveral(operator)) {
    const constant = readConstant(value, kind);
    return constant === undefined ? fault(`${advice} Or name a fact: { "fact": ... }.`, '/value') : [constant];
  }
  if (operator === 'between' && (!Array.isArray(value) || value.length !== 2)) {
    return fault(
      'Send a list of two constants for between: the lowest and the highest value that it accepts.',
      '/value',
    );
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.list) {
    return fault(`Send a list of 1 to ${LIMITS.list} constants for ${operator}.`, '/value');
  }
  const constants = value.map((element: unknown) => readConstant(element, kind));
  for (const [index, constant] of constants.entries()) {
    if (constant === undefined) fault(advice, `/value/${index}`);
  }
  const read = constants.filter((constant) => constant !== undefined);
  if (read.length < constants.length) return undefined;
  const [low, high] = read.map((constant) => kind?.valueOf(constant));
  if (operator === 'between' && OPERATIONS.greaterThan(low, high)) {
    return fault('Put the lower bound first.', '/value');
  }
  return read;
}

function takesSeveral(operator: Operator): boolean {
  return LIST_OPERATORS.has(operator) || operator === 'between';
}

function readConstant(value: unknown, kind: Kind | undefined): Scalar | undefined {
  // Adding 0 turns -0 into 0, which is how JSON writes it.
  const plain = value instanceof JsonNumber && amountText(value) !== undefined ? Number(value.source) + 0 : value;
  return isScalar(plain) && (kind === undefined || kind.valueOf(plain) !== undefined) ? plain : undefined;
}
