import { Big } from 'big.js';
import { amountText } from './amount.ts';
import { type FactKind, KIND_OF } from './form-checks.ts';
import type { DerivedFact, FormDefinition, Question } from './form-schema.ts';
import { toInstant } from './time.ts';

/** Answers by question key, as submitted or as stored; what is absent or null is no answer. */
export type Answers = Readonly<Record<string, unknown>>;

/** A fact as rules compare it: numbers as exact decimals, times as instants, texts and booleans as they are. */
export type FactValue = Big | string | boolean;

/** Some of a form's facts, with what they are derived from; `values` of one response stand in the order of `names`. */
export type FactSet = {
  readonly names: readonly string[];
  readonly kindOf: (name: string) => FactKind;
  /** The values for one response; undefined where an answer is absent or not of its question's type. */
  readonly read: (answers: Answers) => readonly (FactValue | undefined)[];
  /** The keys of the questions that facts stand for or are derived from, in the form's order. */
  readonly questionsBehind: (names: Iterable<string>) => string[];
};

type Slot = {
  readonly name: string;
  readonly kind: FactKind;
  readonly read: (answers: Answers, values: readonly (FactValue | undefined)[]) => FactValue | undefined;
};

/** Prepares the facts named, and those they are derived from, for reading; the rest of a response is never converted. */
export function compileFacts(definition: FormDefinition, names: Iterable<string>): FactSet {
  const derived = new Map(definition.facts.map((fact) => [fact.name, fact]));
  const withSources = (wanted: Iterable<string>) => {
    const found = new Set(wanted);
    // A set's iteration reaches what is added on the way, so this follows facts of facts to the answers.
    for (const name of found) {
      const fact = derived.get(name);
      for (const term of [...(fact?.add ?? []), ...(fact?.subtract ?? [])]) found.add(term);
    }
    return found;
  };

  const used = withSources(names);
  const slots: Slot[] = definition.questions.filter(({ key }) => used.has(key)).map(questionSlot);
  for (const fact of definition.facts) {
    // Declared in order: what a fact is derived from already has its slot.
    if (used.has(fact.name)) slots.push(derivedSlot(fact, slots));
  }
  const kinds = new Map(slots.map(({ name, kind }) => [name, kind]));
  return {
    names: slots.map(({ name }) => name),
    kindOf: (name) => kinds.get(name) ?? 'unknown',
    read: (answers) => {
      const values: (FactValue | undefined)[] = [];
      for (const slot of slots) values.push(slot.read(answers, values));
      return values;
    },
    questionsBehind: (wanted) => {
      const behind = withSources(wanted);
      return definition.questions.map(({ key }) => key).filter((key) => behind.has(key));
    },
  };
}

function questionSlot({ key, type }: Question): Slot {
  const kind = KIND_OF[type];
  return { name: key, kind, read: (answers) => (Object.hasOwn(answers, key) ? READ[kind](answers[key]) : undefined) };
}

const READ: Readonly<Record<FactKind, (answer: unknown) => FactValue | undefined>> = {
  number: (answer) => {
    const text = amountText(answer);
    return text === undefined ? undefined : new Big(text);
  },
  text: (answer) => (typeof answer === 'string' ? answer : undefined),
  time: (answer) => (typeof answer === 'string' ? toInstant(answer) : undefined),
  boolean: (answer) => (typeof answer === 'boolean' ? answer : undefined),
  unknown: () => undefined,
};

const ZERO = new Big(0);

function derivedSlot({ name, add, subtract }: DerivedFact, before: readonly Slot[]): Slot {
  const positionOf = (term: string) => before.findIndex((slot) => slot.name === term);
  const added = add.map(positionOf);
  const subtracted = subtract.map(positionOf);
  return {
    name,
    kind: 'number',
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
