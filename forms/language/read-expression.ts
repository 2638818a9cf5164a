/** Reads expressions of derived facts and calculations. */
import { isJsonObject, JsonNumber } from '../values/json.ts';
import { LIMITS } from '../values/limits.ts';
import type { Fault } from '../values/fault.ts';
import { EXPRESSION_OPERATORS } from './expression-operators.ts';
import { type Expression, kindOfExpression, scopeOfExpression } from './expression.ts';
import { type Kind, NUMBER } from './kinds.ts';
import { ROOT, type Scope } from './scope.ts';

/** The facts that an expression may name, with their kinds; undefined if a kind is not known. */
type Facts = ReadonlyMap<string, { readonly kind: Kind | undefined; readonly scope: Scope }>;

type Reading = { readonly catalogue: Facts; readonly faults: Fault[]; terms: number };

/**
 * Reads an expression of a derived fact.
 *
 * @param pointer where the expression is
 * @param catalogue the facts that it may name
 * @param faults every fault found is added here, up to about 100
 * @returns the expression, with each {@link JsonNumber} turned into a number; undefined if there are faults
 */
export function readExpression(
  input: unknown,
  pointer: string,
  catalogue: Facts,
  faults: Fault[],
): Expression | undefined {
  const before = faults.length;
  const reading = { catalogue, faults, terms: 0 };
  const expression = readPart(input, pointer, 1, reading);
  if (reading.terms > LIMITS.terms) {
    const detail = `Use at most ${LIMITS.terms} terms in a fact: names and numbers; divide counts as 10 more.`;
    faults.push({ pointer, detail });
  }
  if (expression !== undefined && faults.length === before) checkScope(expression, pointer, catalogue, faults);
  return faults.length === before ? expression : undefined;
}

/** Adds a fault if the facts of an expression are in different repeats, or if an aggregate has none in a repeat. */
export function checkScope(expression: Expression, pointer: string, catalogue: Facts, faults: Fault[]): void {
  const scope = scopeOfExpression(expression, (name) => catalogue.get(name)?.scope ?? ROOT);
  if (scope !== undefined) return;
  const detail =
    'Use facts of one repeat and of the groups, repeats and form around it. count, sum, min and max take a fact of a repeat, and give one value for all its entries.';
  faults.push({ pointer, detail });
}

function readPart(input: unknown, pointer: string, depth: number, reading: Reading): Expression | undefined {
  if (reading.terms > LIMITS.terms) return undefined;
  const fault = (detail: string, at = '') => void reading.faults.push({ pointer: pointer + at, detail });
  if (!isJsonObject(input)) {
    reading.terms += 1;
    if (typeof input === 'string') {
      if (reading.catalogue.has(input)) return input;
      return fault('Name a question, metadata, or a derived fact declared before this one.');
    }
    const number = input instanceof JsonNumber ? Number(input.source) + 0 : input;
    if (typeof number === 'number' && NUMBER.valueOf(input) !== undefined) return number;
    return fault(typeof number === 'number' ? NUMBER.advice : WHAT_TO_SEND);
  }

  if (depth > LIMITS.depth) return fault(`Nest expressions at most ${LIMITS.depth} deep.`);
  const [name = '', ...more] = Object.keys(input);
  const operator = Object.hasOwn(EXPRESSION_OPERATORS, name) ? EXPRESSION_OPERATORS[name] : undefined;
  if (operator === undefined || more.length > 0) return fault(WHAT_TO_SEND);
  const content = input[name];
  const [least, most] = operator.operands;
  reading.terms += operator.terms ?? 0;
  if (most === 0) {
    if (isJsonObject(content) && Object.keys(content).length === 0) return { [name]: {} };
    return fault('Send {}; it has no operands.', `/${name}`);
  }
  const sent: unknown = most === 1 ? [content] : content;
  if (!Array.isArray(sent) || sent.length < least || sent.length > most) {
    return fault(`List ${least === most ? least : `${least} to ${most}`} expressions.`, `/${name}`);
  }
  const operands = sent.map((operand: unknown, index) => {
    const at = most === 1 ? `/${name}` : `/${name}/${index}`;
    const read = readPart(operand, pointer + at, depth + 1, reading);
    const kind = read === undefined ? undefined : kindOfExpression(read, (key) => reading.catalogue.get(key)?.kind);
    if (kind === undefined || operator.takes.includes(kind.name)) return read;
    return fault(
      `Use a value of the kind ${operator.takes.join(' or ')} here; this one is of the kind ${kind.name}.`,
      at,
    );
  });
  const read = operands.filter((operand) => operand !== undefined);
  const [first] = read;
  if (first === undefined || read.length < operands.length) return undefined;
  return { [name]: most === 1 ? first : read };
}

const WHAT_TO_SEND = `Send the name of a fact, a number, or an object with one of: ${Object.keys(EXPRESSION_OPERATORS).join(', ')}.`;
