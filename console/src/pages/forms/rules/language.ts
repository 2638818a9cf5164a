/** The language of rules, as the API has it: docs/forms.md describes it. Definitions are read as data of unknown shape. */
import type { components } from '../../../../shared/openapi.d.ts';

export type Condition = components['schemas']['Condition'];
export type Comparison = components['schemas']['Comparison'];
export type Operator = Comparison['operator'];
export type Scalar = string | number | boolean;
export type Rule = components['schemas']['Rule'];
export type Fact = components['schemas']['StoredDerivedFact'];

/** The compiler reports an operator that is missing here. */
const OPERATORS: Record<Operator, true> = {
  equal: true,
  notEqual: true,
  lessThan: true,
  lessThanInclusive: true,
  greaterThan: true,
  greaterThanInclusive: true,
  in: true,
  notIn: true,
  between: true,
  selected: true,
  matches: true,
  answered: true,
  notAnswered: true,
};

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isConditions = (value: unknown): boolean => Array.isArray(value) && value.length > 0 && value.every(isCondition);

function isComparison({ fact, operator, value }: Record<string, unknown>): boolean {
  const isConstant = isScalar(value) || (Array.isArray(value) && value.every(isScalar));
  const isFact = isObject(value) && typeof value['fact'] === 'string';
  return (
    typeof fact === 'string' &&
    typeof operator === 'string' &&
    Object.hasOwn(OPERATORS, operator) &&
    (value === undefined || isConstant || isFact)
  );
}

/** Whether a value is a condition that this page understands. */
export function isCondition(value: unknown): value is Condition {
  if (!isObject(value)) return false;
  if ('all' in value) return isConditions(value['all']);
  if ('any' in value) return isConditions(value['any']);
  return 'not' in value ? isCondition(value['not']) : isComparison(value);
}

/** The fact on the right side of a comparison; undefined if there are constants or nothing. */
export const factOf = (value: Comparison['value']): string | undefined =>
  typeof value === 'object' && 'fact' in value ? value.fact : undefined;

/** The constants on the right side of a comparison. */
export function constantsOf(value: Comparison['value']): Scalar[] {
  if (value === undefined || factOf(value) !== undefined) return [];
  return [value].flat().filter(isScalar);
}
