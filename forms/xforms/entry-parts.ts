/**
 * The expressions that a phone computes in each entry of a repeat. XPath adds up elements, not expressions, so
 * `{"sum": {"multiply": [...]}}` needs an element with the product in each entry.
 */
import { expressionOf, type FormDefinition } from '../definition/form-definition.ts';
import { placesOf } from '../definition/question-tree.ts';
import { type Expression, scopeOfExpression } from '../language/expression.ts';
import { ROOT, type Scope } from '../language/scope.ts';

const AGGREGATES: ReadonlySet<string> = new Set(['count', 'sum', 'min', 'max']);

/** The expressions that aggregates take from entries, by the path of the repeat; without plain questions. */
export function entryPartsOf({
  questions,
  facts,
}: Pick<FormDefinition, 'questions' | 'facts'>): ReadonlyMap<string, Expression[]> {
  const derived = new Map(facts.map((fact) => [fact.name, expressionOf(fact)]));
  const placed = placesOf(questions);
  const repeats = placed.scopes.map((scope) => [scope.path, scope] as const);
  const scopes = new Map([...repeats, ...placed.questions.map(({ path, scope }) => [path, scope] as const)]);
  const scopeOf = (name: string): Scope => {
    const expression = derived.get(name);
    if (expression === undefined) return scopes.get(name) ?? ROOT;
    return scopeOfExpression(expression, scopeOf) ?? ROOT;
  };
  const calculated = placed.questions.flatMap(({ question }) =>
    question.type === 'calculate' ? [question.value] : [],
  );
  const operands = [...derived.values(), ...calculated]
    .flatMap(aggregatedIn)
    .filter((operand) => typeof operand !== 'string' || derived.has(operand));
  const distinct = new Map(operands.map((operand) => [JSON.stringify(operand), operand]));
  const parts = Map.groupBy(distinct.values(), (operand) => scopeOfExpression(operand, scopeOf)?.path ?? '');
  parts.delete('');
  return parts;
}

/** The operands of the aggregates in an expression. */
function aggregatedIn(expression: Expression): Expression[] {
  if (typeof expression !== 'object') return [];
  return Object.entries(expression).flatMap(([operator, content]) => {
    const operands = isList(content) ? content : [content];
    const inside = operands.flatMap(aggregatedIn);
    return AGGREGATES.has(operator) ? [...operands, ...inside] : inside;
  });
}

function isList(content: Expression | readonly Expression[]): content is readonly Expression[] {
  return Array.isArray(content);
}
