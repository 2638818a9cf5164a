/** The facts of a form as XPath. */
import { Big } from 'big.js';
import { expressionOf, type FormDefinition } from '../../definition/form-definition.ts';
import { type Expression, namesIn, scopeOfExpression } from '../../language/expression.ts';
import { isWithin, ROOT, type Scope } from '../../language/scope.ts';
import { kindOfField, type Question } from '../../question-types/index.ts';
import { USUAL_PLACES } from '../../values/amount.ts';
import { aggregateOf } from './aggregates.ts';
import {
  addNumbers,
  answeredNumber,
  constantNumber,
  divideNumbers,
  isExact,
  multiplyNumbers,
  subtractNumbers,
  type XPathNumber,
} from './numbers.ts';
import { type Context, pathFrom, type Places } from './places.ts';
import { type Facts, numberValue, type NumberValue, type Scoped, type XPathValue } from './facts.ts';
import { answeredTime, daysBetween, isTimeKind, yearsBetween } from './times.ts';

const NOW: XPathValue = { ...answeredTime('time', 'now()'), given: [] };

export function factsOf({ facts }: Pick<FormDefinition, 'facts'>, places: Places): Facts {
  const derived = new Map(facts.map((fact) => [fact.name, expressionOf(fact)]));
  const termsOf = (name: string, reach: 'all' | 'same entry') => {
    const found = new Set([name]);
    // The loop also visits names that it adds.
    for (const each of found) {
      const expression = derived.get(each);
      for (const term of expression === undefined ? [] : namesIn(expression, reach)) found.add(term);
    }
    return found;
  };
  const valueOf = (name: string, context: Context): XPathValue | undefined => {
    const expression = derived.get(name);
    if (expression !== undefined) return scoped.expressed(expression, context);
    const element = places.elements.get(name);
    if (element === undefined) return metadataOf(name, context, places);
    if (!isWithin(context.scope, element.scope)) return undefined;
    const path = pathFrom(places, context, element.steps, element.scope);
    if (element.question === undefined) {
      return { kind: 'number', given: [], number: { units: `position(${path})`, places: 0 } };
    }
    if (element.question.type !== 'calculate') return answered(element.question, path);
    const computed = scoped.expressed(element.question.value, context);
    // An irrelevant calculation is empty.
    return computed && { ...computed, given: [`${path} != ''`, ...computed.given] };
  };
  const scoped: Scoped = {
    places,
    valueOf,
    expressed: (expression, context) => expressed(expression, context, scoped),
  };
  const scopeOf = (name: string): Scope => {
    const expression = derived.get(name);
    if (expression === undefined) return places.elements.get(name)?.scope ?? ROOT;
    return scopeOfExpression(expression, scopeOf) ?? ROOT;
  };
  return {
    ...scoped,
    scopeOf,
    dependsOn: (name) => termsOf(name, 'all'),
    neededBy: (name) => termsOf(name, 'same entry'),
  };
}

function metadataOf(name: string, context: Context, places: Places): XPathValue | undefined {
  if (name === 'submitted_time' || name === 'synced_time' || name === 'last_modified_time') return NOW;
  if (name !== 'username' && name !== 'location') return undefined;
  const steps = places.metadata.get(name);
  if (steps === undefined) return undefined;
  const path = pathFrom(places, context, steps, ROOT);
  return { kind: 'text', given: [`${path} != ''`], path };
}

function answered(question: Question, path: string): XPathValue | undefined {
  const kind = kindOfField(question, () => undefined)?.name;
  const given = [`${path} != ''`];
  if (kind === undefined || kind === 'nothing') return undefined;
  if (kind === 'number') return { kind, given, number: answeredNumber(path, placesOf(question)) };
  return isTimeKind(kind) ? { ...answeredTime(kind, path), given } : { kind, given, path };
}

/** The most decimals of an answer. */
export function placesOf(question: Question): number {
  return question.type === 'decimal' ? (question.places ?? USUAL_PLACES) : 0;
}

function expressed(expression: Expression, context: Context, facts: Scoped): XPathValue | undefined {
  if (typeof expression === 'string') return facts.valueOf(expression, context);
  if (typeof expression === 'number') return numberValue(constantNumber(new Big(expression)), []);
  const [[operator, content] = ['', []]] = Object.entries(expression);
  if (operator === 'now') return NOW;
  const contents = isList(content) ? content : [content];
  if (operator === 'count' || operator === 'sum' || operator === 'min' || operator === 'max') {
    return aggregateOf(operator, contents[0], context, facts);
  }
  const operands = contents.map((operand) => expressed(operand, context, facts)).filter((each) => each !== undefined);
  if (operands.length < contents.length) return undefined;
  return applied(operator, operands);
}

function isList(content: Expression | readonly Expression[]): content is readonly Expression[] {
  return Array.isArray(content);
}

function applied(operator: string, operands: readonly XPathValue[]): NumberValue | undefined {
  const given = operands.flatMap((operand) => operand.given);
  const [first, second] = operands;
  if (first === undefined) return undefined;
  if (operator === 'length') return lengthOf(first);
  const numbers = operands.flatMap((operand) => (operand.kind === 'number' ? [operand.number] : []));
  const [left, right] = numbers;
  if (left !== undefined) {
    if (operator === 'add') return numberValue(addNumbers(numbers), given);
    if (operator === 'multiply') return numberValue(product(numbers), given);
    if (right === undefined) return undefined;
    if (operator === 'subtract') return numberValue(subtractNumbers(left, right), given);
    const isNotZero = isExact(right) ? `${right.units} != 0` : `${right.value} != 0`;
    return numberValue(divideNumbers(left, right), [...given, isNotZero]);
  }
  if (second === undefined || !('order' in first) || !('order' in second)) return undefined;
  return numberValue(operator === 'days_between' ? daysBetween(first, second) : yearsBetween(first, second), given);
}

function product(numbers: readonly XPathNumber[]): XPathNumber | undefined {
  const [first, ...more] = numbers;
  return more.reduce((result, factor) => result && multiplyNumbers(result, factor), first);
}

function lengthOf(value: XPathValue): NumberValue | undefined {
  if (value.kind !== 'text' && value.kind !== 'options') return undefined;
  const units = value.kind === 'text' ? `string-length(${value.path})` : `count-selected(${value.path})`;
  return numberValue({ units, places: 0 }, value.given);
}
