import { Big } from 'big.js';
import type { Answers } from '../values/answer.ts';
import { comparisonsOf, type Condition, factsOf } from '../language/condition.ts';
import {
  compileExpression,
  type Expression,
  kindOfExpression,
  namesIn,
  scopeOfExpression,
} from '../language/expression.ts';
import { expressionOf, type FormDefinition } from '../definition/form-definition.ts';
import { answerAt, type At, createFrame, entriesOf, entryAt, type Frame, positionAt } from '../language/frame.ts';
import { compileHolds } from '../language/holds.ts';
import { type FactValue, type Kind, NUMBER } from '../language/kinds.ts';
import { METADATA } from '../definition/metadata.ts';
import { type Placed, placesOf } from '../definition/question-tree.ts';
import { ROOT, type Scope } from '../language/scope.ts';
import { type Field, kindOfField } from '../question-types/index.ts';

/** Some of a form's facts, and the facts from which they are derived. */
export type FactSet = {
  readonly names: readonly string[];
  readonly kindOf: (name: string) => Kind | undefined;
  readonly scopeOf: (name: string) => Scope;
  /**
   * The values for one response; undefined if an answer is absent or has another type than its question, or if an
   * expression has no value.
   *
   * @param now milliseconds since 1970
   */
  readonly read: (answers: Answers, now: number) => Frame;
  /** Returns a function that reads a fact's value at a place within its scope. */
  readonly valueOf: (name: string) => (frame: Frame, at: At) => FactValue | undefined;
  /** Returns a function that reads the unconverted answer to a question; it returns undefined for a derived fact. */
  readonly answerOf: (name: string) => (frame: Frame, at: At) => unknown;
  /** These facts and the facts from which they are derived, in the order of `names`. */
  readonly sourcesOf: (names: Iterable<string>) => string[];
  /** A fact and the facts from which it is derived. */
  readonly dependsOn: (name: string) => ReadonlySet<string>;
  /** As `sourcesOf`, without the facts inside an aggregate such as `count` or `sum`. */
  readonly neededBy: (names: Iterable<string>) => string[];
};

type Slot = {
  readonly name: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly read: (frame: Frame, at: At) => FactValue | undefined;
  readonly answer: (frame: Frame, at: At) => unknown;
};

/** A slot, and the position of its values in a frame. */
type PlacedSlot = Slot & { readonly column: number };

/**
 * An expression with the name of its value: a derived fact, or a question of type `calculate` while a response is read.
 */
type Derived = {
  readonly name: string;
  readonly expression: Expression;
  /** The scope of a calculation; undefined for a derived fact, whose scope follows from its terms. */
  readonly scope?: Scope;
  /** The conditions without which a calculation has no value. */
  readonly relevant?: readonly Condition[];
};

/**
 * Compiles readers of the named facts and of the facts from which they are derived. Other answers are not converted.
 *
 * @param computed whether calculations are computed, in all repeats. Otherwise their stored values are read.
 */
export function compileFacts(
  definition: Pick<FormDefinition, 'questions' | 'facts'>,
  names: Iterable<string>,
  { computed = false } = {},
): FactSet {
  const { questions, scopes } = placesOf(definition.questions);
  const calculated = computed
    ? questions.flatMap(({ question, path, scope, relevant }) =>
        question.type === 'calculate' ? [{ name: path, expression: question.value, scope, relevant }] : [],
      )
    : [];
  const expressions: Derived[] = [
    ...calculated,
    ...definition.facts.map((fact) => ({ name: fact.name, expression: expressionOf(fact) })),
  ];
  const derived = new Map(expressions.map((each) => [each.name, each]));
  const withSources = (wanted: Iterable<string>, reach: Parameters<typeof namesIn>[1]) => {
    const found = new Set(wanted);
    // The loop also visits names that it adds to the set, so it finds the terms of terms.
    for (const name of found) {
      const fact = derived.get(name);
      for (const term of fact === undefined ? [] : termsOf(fact, reach)) found.add(term);
    }
    return found;
  };

  const kinds = kindsOf(questions);
  const used = withSources(names, 'all');
  const slots = new Map<string, PlacedSlot>();
  const add = (slot: Slot) => {
    // Earlier releases allowed derived facts with the names of metadata.
    if (used.has(slot.name)) slots.set(slot.name, { ...slot, column: slots.size });
  };
  const isRead = (name: string) => used.has(name) && !derived.has(name);
  for (const { key } of METADATA) if (isRead(key)) add(answerSlot(key, kinds, ROOT, [key]));
  for (const scope of scopes) if (scope.parent !== undefined && isRead(scope.path)) add(entrySlot(scope));
  for (const { path, scope, keys } of questions) if (isRead(path)) add(answerSlot(path, kinds, scope, keys));
  for (const each of inOrder(derived)) if (used.has(each.name)) add(derivedSlot(each, slots));

  const ordered = [...slots.values()];
  const usedScopes = computed ? scopes : scopes.filter((scope) => ordered.some((slot) => isAround(scope, slot.scope)));
  const ofSources = (wanted: Iterable<string>, reach: Parameters<typeof namesIn>[1]) => {
    const sources = withSources(wanted, reach);
    return ordered.map(({ name }) => name).filter((name) => sources.has(name));
  };
  const dependencies = new Map<string, ReadonlySet<string>>();
  return {
    names: ordered.map(({ name }) => name),
    kindOf: (name) => slots.get(name)?.kind,
    scopeOf: (name) => slots.get(name)?.scope ?? ROOT,
    read: (answers, now) => {
      const frame = createFrame(answers, usedScopes, now);
      for (const { scope, read } of ordered) frame.columns.push(entriesOf(frame, scope).map((at) => read(frame, at)));
      return frame;
    },
    valueOf: (name) => columnReader(slots, name),
    answerOf: (name) => slots.get(name)?.answer ?? (() => undefined),
    sourcesOf: (wanted) => ofSources(wanted, 'all'),
    dependsOn: (name) => {
      const found = dependencies.get(name) ?? withSources([name], 'all');
      dependencies.set(name, found);
      return found;
    },
    neededBy: (wanted) => ofSources(wanted, 'same entry'),
  };
}

function isAround(outer: Scope, inner: Scope | undefined): boolean {
  return inner !== undefined && (inner.path === outer.path || isAround(outer, inner.parent));
}

/** Returns a function that reads the values of a fact from its column. The fact must have a slot. */
function columnReader(slots: ReadonlyMap<string, PlacedSlot>, name: string): Slot['read'] {
  const { column = -1, scope: { depth } = ROOT } = slots.get(name) ?? {};
  return ({ columns }, at) => columns[column]?.[at[depth] ?? 0];
}

/** The kinds of the metadata and of questions, by path. */
export function kindsOf(questions: readonly Placed[]): ReadonlyMap<string, Kind> {
  const kinds = new Map<string, Kind>();
  const add = (path: string, field: Field) => {
    const kind = kindOfField(field, (fact) => kinds.get(fact));
    if (kind !== undefined) kinds.set(path, kind);
  };
  for (const field of METADATA) add(field.key, field);
  for (const { path, question } of questions) add(path, question);
  return kinds;
}

function answerSlot(name: string, kinds: ReadonlyMap<string, Kind>, scope: Scope, keys: readonly string[]): Slot {
  const kind = kinds.get(name) ?? NUMBER;
  const valueOf = kind.valueOfAnswer ?? kind.valueOf;
  const [key = ''] = keys;
  const answer: Slot['answer'] =
    keys.length === 1
      ? (frame, at) => {
          const entry = entryAt(frame, scope, at);
          return Object.hasOwn(entry, key) ? entry[key] : undefined;
        }
      : (frame, at) => answerAt(entryAt(frame, scope, at), keys);
  return { name, kind, scope, answer, read: (frame, at) => valueOf(answer(frame, at)) };
}

/** The number of an entry of a repeat, from 1. */
function entrySlot(scope: Scope): Slot {
  const read: Slot['read'] = (frame, at) => new Big(positionAt(frame, scope, at) + 1);
  return { name: scope.path, kind: NUMBER, scope, read, answer: () => undefined };
}

/** The facts on which the value of an expression depends. */
function termsOf({ expression, relevant = [] }: Derived, reach: Parameters<typeof namesIn>[1]): string[] {
  return [...namesIn(expression, reach), ...relevant.flatMap(comparisonsOf).flatMap(factsOf)];
}

/**
 * Sorts expressions so that each follows the expressions on which it depends. Terms are declared earlier, but conditions
 * may name facts that are declared later. In a cycle, the first expression in this order gets no values of the others.
 */
function inOrder(derived: ReadonlyMap<string, Derived>): Iterable<Derived> {
  const ordered = new Set<Derived>();
  const visited = new Set<Derived>();
  const visit = (each: Derived | undefined) => {
    if (each === undefined || visited.has(each)) return;
    visited.add(each);
    for (const term of termsOf(each, 'all')) visit(derived.get(term));
    ordered.add(each);
  };
  for (const each of derived.values()) visit(each);
  return ordered;
}

function derivedSlot(
  { name, expression, scope, relevant = [] }: Derived,
  before: ReadonlyMap<string, PlacedSlot>,
): Slot {
  const kindOf = (fact: string) => before.get(fact)?.kind;
  const scopeOf = (fact: string) => before.get(fact)?.scope ?? ROOT;
  const valueOf = (fact: string) => columnReader(before, fact);
  const read = compileExpression(expression, valueOf, scopeOf);
  const conditions = relevant.map((condition) => compileHolds(condition, { kindOf, valueOf }));
  return {
    name,
    kind: kindOfExpression(expression, kindOf) ?? NUMBER,
    scope: scope ?? scopeOfExpression(expression, scopeOf) ?? ROOT,
    read: (frame, at) => (conditions.every((holds) => holds(frame, at)) ? read(frame, at) : undefined),
    answer: () => undefined,
  };
}
