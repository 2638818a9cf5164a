import { AMOUNT_ADVICE, amountText } from './amount.ts';
import { type Fault, pointerTo } from './fault.ts';
import type { FactCatalogue, FactKind } from './form-checks.ts';
import { type Comparison, type Condition, LIMITS, type Literal, type Operator, OPERATORS } from './form-schema.ts';
import { JsonNumber } from './json.ts';
import { TIME_ADVICE, toInstant } from './time.ts';
import { checkDecides, literalFault } from './unsatisfiable.ts';

type Reading = {
  readonly catalogue: FactCatalogue;
  readonly faults: Fault[];
  /** How many faults there may be before the rest of the rule goes unread. */
  readonly mostFaults: number;
  comparisons: number;
};

/** Most faults that are looked for in one rule. */
const MAX_FAULTS = 100;

const IN: ReadonlySet<Operator> = new Set(['in', 'notIn']);
const EQUALITY: ReadonlySet<Operator> = new Set(['equal', 'notEqual']);
const ORDERED: ReadonlySet<FactKind> = new Set(['number', 'time', 'unknown']);

/**
 * Reads a rule's conditions: nested `all`, `any` and `not`, and comparisons `{ fact, operator, value }` at the leaves,
 * where `value` is a constant or `{ fact }`. No other member is known (json-rules-engine's `path`, `params` and
 * `priority` are refused).
 *
 * Numbers and times have an order; texts, choices and booleans are only the same or not; a list goes with `in` and
 * `notIn`. Refused as deciding nothing: no conditions, an empty list, a fact compared to itself, a constant that the
 * question can never have as its answer, a bound that all its answers keep or all break, and what `checkDecides` finds
 * unless the rule is stored.
 *
 * @param pointer where the conditions are
 * @param faults every fault found is added here, up to 100 or so
 * @param isStored whether an earlier release may have taken the rule
 * @returns the conditions, constants that came as {@link JsonNumber} turned to numbers, and how many comparisons they
 * have; undefined where there are faults
 */
export function readConditions(
  input: unknown,
  pointer: string,
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): { condition: Condition; comparisons: number } | undefined {
  const before = faults.length;
  const reading = { catalogue, faults, mostFaults: before + MAX_FAULTS, comparisons: 0 };
  const condition = readCondition(input, pointer, 1, reading);
  const { comparisons } = reading;
  if (comparisons > LIMITS.conditions) {
    faults.push({ pointer, detail: `Use at most ${LIMITS.conditions} comparisons in a rule.` });
  }
  if (condition === undefined || faults.length > before) return undefined;
  if (!isStored) checkDecides(condition, pointer, catalogue, faults);
  return faults.length === before ? { condition, comparisons } : undefined;
}

function readCondition(input: unknown, pointer: string, depth: number, reading: Reading): Condition | undefined {
  if (reading.faults.length >= reading.mostFaults || reading.comparisons > LIMITS.conditions) return undefined;
  const fault = (detail: string, at = '') => void reading.faults.push({ pointer: pointer + at, detail });
  if (typeof input !== 'object' || input === null || Array.isArray(input) || input instanceof JsonNumber) {
    return fault('Send an object: all, any, not, or a comparison with fact, operator and value.');
  }
  if (depth > LIMITS.depth) return fault(`Nest conditions at most ${LIMITS.depth} deep.`);
  const members = new Map<string, unknown>(Object.entries(input));
  const group = (['all', 'any', 'not'] as const).find((name) => members.has(name));
  const known = group === undefined ? ['fact', 'operator', 'value'] : [group];
  for (const member of [...members.keys()].slice(0, MAX_FAULTS)) {
    if (!known.includes(member)) fault(`Remove this member; here goes ${known.join(', ')} alone.`, pointerTo(member));
  }
  if (group === undefined) return readComparison(members, pointer, reading);

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
    fault('Name a question by its key, or a derived fact.', '/fact');
  }
  const operator = OPERATORS.find((name) => name === members.get('operator'));
  if (operator === undefined) fault(`Use one of: ${OPERATORS.join(', ')}.`, '/operator');
  if (!members.has('value')) fault('Say what to compare with: a constant, or { "fact": ... }.', '/value');
  if (typeof fact !== 'string' || left === undefined || operator === undefined || !members.has('value'))
    return undefined;

  if (!EQUALITY.has(operator) && !ORDERED.has(left.kind) && !(IN.has(operator) && left.kind === 'text')) {
    const use = left.kind === 'boolean' ? 'equal or notEqual' : 'equal, notEqual, in or notIn';
    return fault(`Use ${use}; only numbers and times have an order.`, '/operator');
  }

  const value = members.get('value');
  const other = factOf(value);
  if (other !== undefined) {
    const detail = factFault(fact, left.kind, operator, other, reading.catalogue);
    return detail === undefined ? { fact, operator, value: { fact: other } } : fault(detail, '/value/fact');
  }

  const literals = readLiterals(value, left.kind, operator, pointer, reading);
  if (literals === undefined) return undefined;
  let certain = false;
  for (const [index, literal] of literals.entries()) {
    const detail = left.question === undefined ? undefined : literalFault(left.question, operator, literal);
    if (detail !== undefined) fault(detail, IN.has(operator) ? `/value/${index}` : '/value');
    certain ||= detail !== undefined;
  }
  if (certain) return undefined;
  const [first] = literals;
  const constant: Literal | undefined = IN.has(operator) ? literals : first;
  return constant === undefined ? undefined : { fact, operator, value: constant };
}

function factOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'fact') return undefined;
  const fact: unknown = Reflect.get(value, 'fact');
  return typeof fact === 'string' ? fact : undefined;
}

function factFault(fact: string, kind: FactKind, operator: Operator, other: string, catalogue: FactCatalogue) {
  const right = catalogue.get(other);
  if (right === undefined) return 'Name a question by its key, or a derived fact.';
  if (IN.has(operator)) return `Give ${operator} a list of constants.`;
  if (other === fact) return 'Compare with another fact; this compares one to itself, which no answer changes.';
  if (kind !== right.kind && kind !== 'unknown' && right.kind !== 'unknown') {
    return `Compare like with like; the left is a ${kind}, this is a ${right.kind}.`;
  }
  return undefined;
}

/** The constants of a comparison: one, or those of a list. */
function readLiterals(value: unknown, kind: FactKind, operator: Operator, pointer: string, reading: Reading) {
  const fault = (detail: string, at: string) => void reading.faults.push({ pointer: pointer + at, detail });
  if (!IN.has(operator)) {
    const literal = readLiteral(value, kind);
    return literal === undefined
      ? fault(`${LITERAL_ADVICE[kind]} Or name a fact: { "fact": ... }.`, '/value')
      : [literal];
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.list) {
    return fault(`Give ${operator} a list of 1 to ${LIMITS.list} constants.`, '/value');
  }
  const literals = value.map((element: unknown) => readLiteral(element, kind));
  for (const [index, literal] of literals.entries()) {
    if (literal === undefined) fault(LITERAL_ADVICE[kind], `/value/${index}`);
  }
  const read = literals.filter((literal) => literal !== undefined);
  return read.length === literals.length ? read : undefined;
}

const LITERAL_ADVICE: Readonly<Record<FactKind, string>> = {
  number: AMOUNT_ADVICE,
  text: 'Send text; it is compared with text.',
  time: TIME_ADVICE,
  boolean: 'Send true or false.',
  unknown: 'Send a number, text, true or false.',
};

function readLiteral(value: unknown, kind: FactKind): string | number | boolean | undefined {
  // Adding 0 makes -0 the 0 that it is when written as JSON.
  const plain = value instanceof JsonNumber && amountText(value) !== undefined ? Number(value.source) + 0 : value;
  if (typeof plain !== 'string' && typeof plain !== 'number' && typeof plain !== 'boolean') return undefined;
  switch (kind) {
    case 'number':
      return amountText(plain) === undefined ? undefined : plain;
    case 'text':
      return typeof plain === 'string' ? plain : undefined;
    case 'time':
      return typeof plain === 'string' && toInstant(plain) !== undefined ? plain : undefined;
    case 'boolean':
      return typeof plain === 'boolean' ? plain : undefined;
    case 'unknown':
      break;
  }
  return plain;
}
