import type * as z from 'zod';
import {
  countTerms,
  dependsOnNow,
  type Expression,
  isCount,
  kindOfExpression,
  scopeOfExpression,
} from '../language/expression.ts';
import { checkScope, readExpression } from '../language/read-expression.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import { type DerivedFact, expressionOf } from './form-definition.ts';
import { type Kind, NUMBER } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { isMetadata } from './metadata.ts';
import { type AnswerLimits, limitsOfCount, type Question } from '../question-types/index.ts';
import { isWithin, ROOT, type Scope } from '../language/scope.ts';

/**
 * An element of a list. If it is faulty, `value` is undefined, but `raw` may still have a name to which others refer.
 */
export type Element<T> = { readonly pointer: string; readonly raw: unknown; readonly value: T | undefined };

/**
 * The questions, repeats, metadata and derived facts to which rules can refer, by name. A question with a faulty
 * definition has no kind and may be compared with any value. The value of a repeat is the number of the entry.
 */
export type FactCatalogue = Map<
  string,
  {
    readonly kind: Kind | undefined;
    readonly scope: Scope;
    readonly question?: Question;
    /** The values that it can have; undefined if it can have every value of its kind. Slow if there is a pattern. */
    readonly limits?: () => AnswerLimits | undefined;
    /** Whether a response may lack it. */
    readonly isOptional: boolean;
    /** Whether its value depends on when the server computes it. */
    readonly dependsOnNow?: boolean;
  }
>;

/** Matches each placeholder `{fact}` in a rule's message, and captures the fact. */
export const PLACEHOLDERS = /\{([^{}]*)\}/g;

/** The elements of a list: as they were read, or each read alone if the list has a fault. @param pointer to the list */
export function elementsOf<T>(
  sent: unknown,
  read: readonly T[] | undefined,
  schema: z.ZodType<T>,
  pointer: string,
): Element<T>[] {
  const at = (index: number) => pointer + pointerTo(index);
  if (read !== undefined) return read.map((value, index) => ({ pointer: at(index), raw: value, value }));
  if (!Array.isArray(sent)) return [];
  return sent.map((raw: unknown, index) => ({ pointer: at(index), raw, value: schema.safeParse(raw).data }));
}

/**
 * Checks derived facts in order and adds each to the catalogue, after the metadata, so that a later fact may use it.
 *
 * @param isStored whether an earlier release may have stored the facts
 * @returns the expression of each fact that has one; undefined if it is faulty
 */
export function checkFacts(
  facts: readonly Element<DerivedFact>[],
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): (Expression | undefined)[] {
  checkNames(facts, 'name', faults);
  const paths = new Set([...catalogue.keys()].filter((name) => !isMetadata(name)));
  let terms = 0;
  const expressions = facts.map(({ pointer, raw, value }) => {
    const name = memberOf(raw, 'name');
    const nameFault = (detail: string) => faults.push({ pointer: pointer + pointerTo('name'), detail });
    if (name !== undefined && paths.has(name)) nameFault('Choose another name; a question has this key.');
    else if (!isStored && name !== undefined && isMetadata(name)) {
      nameFault('Choose another name; every response has metadata of this name.');
    }
    const expression = value && checkFact(value, pointer, catalogue, faults);
    const kind = expression === undefined ? undefined : kindOfExpression(expression, (key) => catalogue.get(key)?.kind);
    const scopeOf = (fact: string) => catalogue.get(fact)?.scope ?? ROOT;
    const scope = (expression === undefined ? undefined : scopeOfExpression(expression, scopeOf)) ?? ROOT;
    if (name !== undefined && !paths.has(name)) {
      const isLater =
        expression !== undefined && dependsOnNow(expression, (key) => catalogue.get(key)?.dependsOnNow === true);
      const limits = () => (isCount(expression) ? limitsOfCount(0) : undefined);
      catalogue.set(name, { kind, scope, limits, isOptional: true, dependsOnNow: isLater });
    }
    terms += expression === undefined ? 0 : countTerms(expression);
    return value?.value === undefined ? undefined : expression;
  });
  if (!isStored && terms > LIMITS.all_terms) {
    faults.push({
      pointer: pointerTo('facts'),
      detail: `Use at most ${LIMITS.all_terms} terms in all facts together; these have ${terms}.`,
    });
  }
  return expressions;
}

/** @returns the fact as an expression; undefined if it is faulty */
function checkFact(
  fact: DerivedFact,
  pointer: string,
  catalogue: FactCatalogue,
  faults: Fault[],
): Expression | undefined {
  if (fact.value === undefined) {
    checkTerms(fact, pointer, catalogue, faults);
    const expression = expressionOf(fact);
    checkScope(expression, pointer, catalogue, faults);
    return expression;
  }
  for (const member of ['add', 'subtract'] as const) {
    if (fact[member].length > 0) {
      const detail = 'Put this into value, such as { "subtract": [a, b] }, or leave value out.';
      faults.push({ pointer: pointer + pointerTo(member), detail });
    }
  }
  return readExpression(fact.value, pointer + pointerTo('value'), catalogue, faults);
}

/**
 * Checks that every placeholder in a message names a fact, and that every brace belongs to a placeholder.
 *
 * @param scope where the rule is judged: each fact in its message needs one value there. Undefined if the rule has
 * faults
 */
export function checkMessage(
  message: string,
  pointer: string,
  scope: Scope | undefined,
  catalogue: FactCatalogue,
  faults: Fault[],
): void {
  // A longer message already has a fault for its length.
  if (message.length > 2 * LIMITS.message) return;
  for (const [place, fact = ''] of message.matchAll(PLACEHOLDERS)) {
    const named = catalogue.get(fact);
    if (named === undefined) {
      faults.push({
        pointer,
        detail: `Put the path of a question, the key of metadata, or the name of a derived fact in ${place}.`,
      });
    } else if (scope !== undefined && !isWithin(scope, named.scope)) {
      const detail = `Use a derived fact in ${place}, such as a sum: the rule is not judged for each entry of ${JSON.stringify(named.scope.path)}.`;
      faults.push({ pointer, detail });
    }
  }
  if (/[{}]/.test(message.replaceAll(PLACEHOLDERS, ''))) {
    faults.push({ pointer, detail: 'Close every { with a }; braces only mark placeholders.' });
  }
}

/** Adds a fault for every element of a list that has the name of an earlier element. */
export function checkNames(elements: readonly Element<unknown>[], member: 'name', faults: Fault[]): void {
  const seen = new Map<string, string>();
  for (const { pointer, raw } of elements) {
    const name = memberOf(raw, member);
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, pointer);
    else {
      const detail = `Choose another ${member}; ${first} has this one.`;
      faults.push({ pointer: pointer + pointerTo(member), detail });
    }
  }
}

function checkTerms({ add, subtract }: DerivedFact, pointer: string, catalogue: FactCatalogue, faults: Fault[]): void {
  const seen = new Set<string>();
  for (const [member, terms] of Object.entries({ add, subtract })) {
    for (const [position, term] of terms.entries()) {
      const fact = catalogue.get(term);
      const detail =
        fact === undefined
          ? 'Name a question, or a derived fact declared before this one.'
          : fact.kind !== NUMBER && fact.kind !== undefined
            ? 'Name a question that takes a number, or a derived fact; only numbers can be added up.'
            : seen.has(term)
              ? 'Name each term once; this one is listed already.'
              : undefined;
      if (detail !== undefined) faults.push({ pointer: pointer + pointerTo(member, position), detail });
      seen.add(term);
    }
  }
  if (seen.size === 0) faults.push({ pointer, detail: 'List what to add or to subtract.' });
}

/** A member's text; undefined if `raw` is not an object or the member is not text. */
export function memberOf(raw: unknown, member: string): string | undefined {
  const value: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, member) : undefined;
  return typeof value === 'string' ? value : undefined;
}
