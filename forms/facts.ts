import { Big } from 'big.js';
import type { Answers } from './answer.ts';
import type { DerivedFact, FormDefinition } from './form-definition.ts';
import { type FactValue, type Kind, NUMBER } from './kinds.ts';
import { kindOf, type Question } from './question-types/index.ts';

/** Some of a form's facts, and the facts from which they are derived. A response's values have the order of `names`. */
export type FactSet = {
  readonly names: readonly string[];
  readonly kindOf: (name: string) => Kind | undefined;
  /** The values for one response; undefined if an answer is absent or has another type than its question. */
  readonly read: (answers: Answers) => readonly (FactValue | undefined)[];
  /** These facts and the facts from which they are derived, in the order of `names`. */
  readonly sourcesOf: (names: Iterable<string>) => string[];
};

type Slot = {
  readonly name: string;
  readonly kind: Kind;
  readonly read: (answers: Answers, values: readonly (FactValue | undefined)[]) => FactValue | undefined;
};

/** Prepares reading the named facts and the facts from which they are derived. Other answers are not converted. */
export function compileFacts(definition: FormDefinition, names: Iterable<string>): FactSet {
  const derived = new Map(definition.facts.map((fact) => [fact.name, fact]));
  const withSources = (wanted: Iterable<string>) => {
    const found = new Set(wanted);
    // The loop also visits names that it adds to the set, so it finds the terms of terms.
    for (const name of found) {
      const fact = derived.get(name);
      for (const term of [...(fact?.add ?? []), ...(fact?.subtract ?? [])]) found.add(term);
    }
    return found;
  };

  const used = withSources(names);
  const slots: Slot[] = definition.questions.filter(({ key }) => used.has(key)).map(questionSlot);
  for (const fact of definition.facts) {
    // A fact is declared after its terms, so the terms already have their slots.
    if (used.has(fact.name)) slots.push(derivedSlot(fact, slots));
  }
  const kinds = new Map(slots.map(({ name, kind }) => [name, kind]));
  return {
    names: slots.map(({ name }) => name),
    kindOf: (name) => kinds.get(name),
    read: (answers) => {
      const values: (FactValue | undefined)[] = [];
      for (const slot of slots) values.push(slot.read(answers, values));
      return values;
    },
    sourcesOf: (wanted) => {
      const sources = withSources(wanted);
      return slots.map(({ name }) => name).filter((name) => sources.has(name));
    },
  };
}

function questionSlot(question: Question): Slot {
  const { key } = question;
  const kind = kindOf(question);
  return { name: key, kind, read: (answers) => (Object.hasOwn(answers, key) ? kind.valueOf(answers[key]) : undefined) };
}

const ZERO = new Big(0);

function derivedSlot({ name, add, subtract }: DerivedFact, before: readonly Slot[]): Slot {
  const positionOf = (term: string) => before.findIndex((slot) => slot.name === term);
  const added = add.map(positionOf);
  const subtracted = subtract.map(positionOf);
  return {
    name,
    kind: NUMBER,
    read: (_answers, values) => {
      let sum = ZERO;
      for (const position of added) {
        const term = values[position];
        if (!(term instanceof Big)) return undefined;
        sum = sum.plus(term);
      }
      for (const position of subtracted) {
        const term = values[position];
        if (!(term instanceof Big)) return undefined;
        sum = sum.minus(term);
      }
      return sum;
    },
  };
}
