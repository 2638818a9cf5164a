import type { Answers } from './answer.ts';
import { compileExpression, type Expression, kindOfExpression, namesIn } from './expression.ts';
import type { DerivedFact, FormDefinition } from './form-definition.ts';
import { type FactValue, type Kind, NUMBER } from './kinds.ts';
import { fieldsOf } from './metadata.ts';
import { type Field, kindOfField } from './question-types/index.ts';

/** Some of a form's facts, and the facts from which they are derived. A response's values have the order of `names`. */
export type FactSet = {
  readonly names: readonly string[];
  readonly kindOf: (name: string) => Kind | undefined;
  /**
   * The values for one response; undefined if an answer is absent or has another type than its question, or if an
   * expression has no value.
   *
   * @param now milliseconds since 1970
   */
  readonly read: (answers: Answers, now: number) => readonly (FactValue | undefined)[];
  /** These facts and the facts from which they are derived, in the order of `names`. */
  readonly sourcesOf: (names: Iterable<string>) => string[];
};

type Slot = {
  readonly name: string;
  readonly kind: Kind;
  readonly read: (answers: Answers, values: readonly (FactValue | undefined)[], now: number) => FactValue | undefined;
};

/** Prepares reading the named facts and the facts from which they are derived. Other answers are not converted. */
export function compileFacts(definition: FormDefinition, names: Iterable<string>): FactSet {
  const derived = new Map(definition.facts.map((fact) => [fact.name, fact]));
  const withSources = (wanted: Iterable<string>) => {
    const found = new Set(wanted);
    // The loop also visits names that it adds to the set, so it finds the terms of terms.
    for (const name of found) {
      const fact = derived.get(name);
      for (const term of fact === undefined ? [] : namesIn(expressionOf(fact))) found.add(term);
    }
    return found;
  };

  const used = withSources(names);
  // Earlier releases allowed derived facts with the names of metadata.
  const fields = fieldsOf(definition).filter(({ key }) => used.has(key) && !derived.has(key));
  const slots: Slot[] = fields.map(fieldSlot);
  for (const fact of definition.facts) {
    // A fact is declared after its terms, so the terms already have their slots.
    if (used.has(fact.name)) slots.push(derivedSlot(fact, slots));
  }
  const kinds = new Map(slots.map(({ name, kind }) => [name, kind]));
  return {
    names: slots.map(({ name }) => name),
    kindOf: (name) => kinds.get(name),
    read: (answers, now) => {
      const values: (FactValue | undefined)[] = [];
      for (const slot of slots) values.push(slot.read(answers, values, now));
      return values;
    },
    sourcesOf: (wanted) => {
      const sources = withSources(wanted);
      return slots.map(({ name }) => name).filter((name) => sources.has(name));
    },
  };
}

function fieldSlot(field: Field): Slot {
  const { key } = field;
  const kind = kindOfField(field);
  const { valueOf, valueOfAnswer = valueOf } = kind;
  return {
    name: key,
    kind,
    read: (answers) => (Object.hasOwn(answers, key) ? valueOfAnswer(answers[key]) : undefined),
  };
}

function derivedSlot(fact: DerivedFact, before: readonly Slot[]): Slot {
  const expression = expressionOf(fact);
  const positionOf = (name: string) => before.findIndex((slot) => slot.name === name);
  const compute = compileExpression(expression, positionOf);
  return {
    name: fact.name,
    kind: kindOfExpression(expression, (name) => before[positionOf(name)]?.kind) ?? NUMBER,
    read: (_answers, values, now) => compute(values, now),
  };
}

/** A derived fact as an expression. */
export function expressionOf({ value, add, subtract }: DerivedFact): Expression {
  if (value !== undefined) return value;
  if (subtract.length === 0) return { add };
  return { subtract: [add.length === 0 ? 0 : { add }, { add: subtract }] };
}
