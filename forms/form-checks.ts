import { countTerms, type Expression, kindOfExpression, readExpression } from './expression.ts';
import { expressionOf } from './facts.ts';
import { type Fault, pointerTo } from './fault.ts';
import type { DerivedFact } from './form-definition.ts';
import { type Kind, NOTHING, NUMBER } from './kinds.ts';
import { LIMITS } from './limits.ts';
import { patternLength } from './pattern.ts';
import { METADATA, STATE_HEADERS, SYSTEM_COLUMNS } from './metadata.ts';
import { columnsOf, kindOf, kindOfField, nameOf, parserOf, type Question } from './question-types/index.ts';
import { listNames, namesOf } from './question-types/options.ts';

/** An element of a list. If it is faulty, `value` is undefined, but `raw` may still have a name to which others refer. */
export type Element<T> = { readonly index: number; readonly raw: unknown; readonly value: T | undefined };

/**
 * The questions, metadata and derived facts to which rules can refer, by name, with their kinds. A question with a faulty
 * definition has no kind and may be compared with any value.
 */
export type FactCatalogue = Map<string, { readonly kind: Kind | undefined; readonly question?: Question }>;

/** Matches a placeholder in a rule's message, `{fact}`, and captures the fact. */
export const PLACES = /\{([^{}]*)\}/g;

/** JavaScript objects list such keys first, in ascending order (ECMA-262, OrdinaryOwnPropertyKeys). */
const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/;

/**
 * Checks that keys, names and the columns of exports are unique and not used by Collect itself, that defaults are answers,
 * and that options depend on options of earlier questions.
 *
 * @param isStored whether an earlier release may have stored the questions
 * @returns the questions to which rules can refer
 */
export function checkQuestions(
  questions: readonly Element<Question>[],
  faults: Fault[],
  isStored: boolean,
): FactCatalogue {
  const keys = new Map<string, Element<Question>>();
  const names = new Set([...METADATA.map(nameOf), ...SYSTEM_COLUMNS]);
  const headers = new Set([...METADATA.map((field) => field.key), ...STATE_HEADERS]);
  for (const element of questions) {
    const { index, raw, value } = element;
    const nameMember = memberOf(raw, 'name') === undefined ? 'column' : 'name';
    // A question that was read has its key, even if its definition has only a name.
    const keyMember = [undefined, memberOf(raw, 'name')].includes(memberOf(raw, 'key')) ? 'name' : 'key';
    const key = memberOf(raw, keyMember);
    const name = memberOf(raw, nameMember)?.toLowerCase();
    const add = (member: string, detail: string) =>
      faults.push({ pointer: pointerTo('questions', index, member), detail });

    const keyFault = key === undefined ? undefined : findKeyFault(key, keyMember, value, { keys, headers, isStored });
    if (keyFault !== undefined) add(keyMember, keyFault);
    if (name !== undefined && names.has(name) && (keyFault === undefined || keyMember !== nameMember)) {
      add(nameMember, `Choose another ${nameMember}; this one is in use (case does not matter).`);
    }
    if (name !== undefined) names.add(name);
    if (value !== undefined && !isStored) checkValues(value, index, keys, faults);
    if (key !== undefined && !keys.has(key)) keys.set(key, element);
    for (const header of value === undefined ? [] : columnsOf(value)) headers.add(header.name);
  }
  const characters = questions.reduce((sum, { value }) => sum + lengthOfPattern(value), 0);
  if (!isStored && characters > LIMITS.question_patterns) {
    faults.push({
      pointer: pointerTo('questions'),
      detail: `Use shorter patterns: at most ${LIMITS.question_patterns} characters in all questions together, with long repetitions written out; these have ${characters}.`,
    });
  }
  return new Map(
    [...keys]
      .map(([key, { value }]) => [key, value] as const)
      .filter(([, value]) => value === undefined || kindOf(value) !== NOTHING)
      .map(([key, value]) => [
        key,
        value === undefined ? { kind: undefined } : { kind: kindOf(value), question: value },
      ]),
  );
}

function lengthOfPattern(question: Question | undefined): number {
  return question?.type === 'text' && question.pattern !== undefined ? patternLength(question.pattern) : 0;
}

function findKeyFault(
  key: string,
  member: string,
  value: Question | undefined,
  before: { keys: ReadonlyMap<string, Element<Question>>; headers: ReadonlySet<string>; isStored: boolean },
): string | undefined {
  if (METADATA.some((field) => field.key === key)) return 'Leave this question out; every response already has it.';
  const same = before.keys.get(key);
  if (same !== undefined) return `Choose another ${member}; ${pointerTo('questions', same.index)} has this one.`;
  if (before.isStored) return undefined;
  const columns = value === undefined ? [key] : columnsOf(value).map(({ name }) => name);
  if (columns.some((name) => before.headers.has(name))) {
    return `Choose another ${member}; exports have a column of this name already.`;
  }
  if (WHOLE_NUMBER.test(key)) {
    return 'Choose a key that is not a whole number; JavaScript would move it before all others.';
  }
  return undefined;
}

/** Checks the parts of a question that depend on its type or on other questions. */
function checkValues(
  question: Question,
  index: number,
  earlier: ReadonlyMap<string, Element<Question>>,
  faults: Fault[],
): void {
  if (question.default !== undefined) {
    const answer = parserOf(question)(question.default, {});
    if (!answer.ok) faults.push({ pointer: pointerTo('questions', index, 'default'), detail: answer.detail });
  }
  if (!('options' in question)) return;
  for (const [position, option] of question.options.entries()) {
    const need = typeof option === 'string' ? undefined : option.if;
    if (need === undefined) continue;
    const at = (...path: (string | number)[]) => pointerTo('questions', index, 'options', position, 'if', ...path);
    const source = earlier.get(need.question);
    const offered =
      source?.value !== undefined && 'options' in source.value ? namesOf(source.value.options) : undefined;
    // A faulty question has a fault of its own.
    if (source !== undefined && source.value === undefined) continue;
    if (offered === undefined) {
      faults.push({ pointer: at('question'), detail: 'Name an earlier question with options, by its key.' });
      continue;
    }
    const names = new Set(offered);
    for (const [place, name] of need.is.entries()) {
      if (!names.has(name)) {
        const detail = `Name an option of ${JSON.stringify(need.question)}: ${listNames(offered, 10)}.`;
        faults.push({ pointer: at('is', place), detail });
      }
    }
  }
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
  checkNames(facts, 'facts', 'name', faults);
  const keys = new Set(catalogue.keys());
  for (const field of METADATA) catalogue.set(field.key, { kind: kindOfField(field) });
  let terms = 0;
  const expressions = facts.map(({ index, raw, value }) => {
    const name = memberOf(raw, 'name');
    const nameFault = (detail: string) => faults.push({ pointer: pointerTo('facts', index, 'name'), detail });
    if (name !== undefined && keys.has(name)) nameFault('Choose another name; a question has this key.');
    else if (!isStored && METADATA.some(({ key }) => key === name)) {
      nameFault('Choose another name; every response has metadata of this name.');
    }
    const expression = value && checkFact(value, index, catalogue, faults);
    const kind = expression === undefined ? undefined : kindOfExpression(expression, (key) => catalogue.get(key)?.kind);
    if (name !== undefined && !keys.has(name)) catalogue.set(name, { kind });
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
  index: number,
  catalogue: FactCatalogue,
  faults: Fault[],
): Expression | undefined {
  if (fact.value === undefined) {
    checkTerms(fact, index, catalogue, faults);
    return expressionOf(fact);
  }
  for (const member of ['add', 'subtract'] as const) {
    if (fact[member].length > 0) {
      const detail = 'Put this into value, such as { "subtract": [a, b] }, or leave value out.';
      faults.push({ pointer: pointerTo('facts', index, member), detail });
    }
  }
  return readExpression(fact.value, pointerTo('facts', index, 'value'), catalogue, faults);
}

/** Checks that every placeholder in a message names a fact, and that every brace belongs to a placeholder. */
export function checkMessage(message: string, pointer: string, catalogue: FactCatalogue, faults: Fault[]): void {
  // A longer message already has a fault for its length.
  if (message.length > 2 * LIMITS.message) return;
  for (const [place, fact = ''] of message.matchAll(PLACES)) {
    if (!catalogue.has(fact)) {
      faults.push({
        pointer,
        detail: `Put the key of a question or of metadata, or the name of a derived fact, in ${place}.`,
      });
    }
  }
  if (/[{}]/.test(message.replaceAll(PLACES, ''))) {
    faults.push({ pointer, detail: 'Close every { with a }; braces only mark placeholders.' });
  }
}

/** Adds a fault for every element of a list that has the name of an earlier element. */
export function checkNames(elements: readonly Element<unknown>[], list: string, member: 'name', faults: Fault[]): void {
  const seen = new Map<string, number>();
  for (const { index, raw } of elements) {
    const name = memberOf(raw, member);
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else {
      const detail = `Choose another ${member}; ${pointerTo(list, first)} has this one.`;
      faults.push({ pointer: pointerTo(list, index, member), detail });
    }
  }
}

function checkTerms({ add, subtract }: DerivedFact, index: number, catalogue: FactCatalogue, faults: Fault[]): void {
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
      if (detail !== undefined) faults.push({ pointer: pointerTo('facts', index, member, position), detail });
      seen.add(term);
    }
  }
  if (seen.size === 0) {
    faults.push({ pointer: pointerTo('facts', index), detail: 'List what to add or to subtract.' });
  }
}

/** A member's text; undefined if `raw` is not an object or the member is not text. */
export function memberOf(raw: unknown, member: string): string | undefined {
  const value: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, member) : undefined;
  return typeof value === 'string' ? value : undefined;
}
