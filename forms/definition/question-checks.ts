/** Checks of questions, groups and repeats that a schema cannot express. */
import type { Condition } from '../language/condition.ts';
import { dependsOnNow, type Expression, isCount, kindOfExpression, scopeOfExpression } from '../language/expression.ts';
import { readExpression } from '../language/read-expression.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import { type Element, elementsOf, type FactCatalogue, memberOf } from './form-checks.ts';
import { isJsonObject } from '../values/json.ts';
import { type Kind, NOTHING, NUMBER, PLACE } from '../language/kinds.ts';
import { LIMITS } from '../values/limits.ts';
import { isMetadata, METADATA, STATE_HEADERS, SYSTEM_COLUMNS } from './metadata.ts';
import {
  columnsOf,
  isSection,
  type Item,
  itemSchema,
  kindOfField,
  limitsOf,
  limitsOfCount,
  nameOf,
  parserOf,
  type Question,
} from '../question-types/index.ts';
import { listNames, namesOf } from '../question-types/options.ts';
import { joinPath } from './question-tree.ts';
import { isWithin, ROOT, type Scope, scopeIn } from '../language/scope.ts';

/** An item of a form while the form is read, and its place. */
export type PlacedElement = Element<Item> & {
  readonly path: string;
  /** The names on the way to it, joined by `/`. */
  readonly name: string;
  /** The scope around it. */
  readonly scope: Scope;
  /** The conditions under which it is asked, with those of the groups and repeats around it. They may be faulty. */
  readonly relevant: readonly Condition[];
};

/** The section whose items are being checked. */
type Around = {
  readonly path: string;
  readonly names: readonly string[];
  readonly scope: Scope;
  /** The keys from an entry of the scope to this section. */
  readonly keys: readonly string[];
  readonly isOptional: boolean;
  readonly relevant: readonly Condition[];
  readonly depth: number;
};

type Checking = {
  readonly catalogue: FactCatalogue;
  readonly faults: Fault[];
  readonly isStored: boolean;
  /** The pointers of the items, by path. */
  readonly paths: Map<string, string>;
  /** The names of columns, in lower case. */
  readonly names: Set<string>;
  /** The headers of exports. */
  readonly headers: Set<string>;
  readonly placed: PlacedElement[];
};

/** JavaScript objects list such keys first, in ascending order (ECMA-262, OrdinaryOwnPropertyKeys). */
const WHOLE_NUMBER = /^(?:0|[1-9]\d*)$/;

/**
 * Checks that keys, names and the columns of exports are unique and not Collect's own, that defaults are valid answers,
 * and that `if` names options of an earlier question. Checks the expressions of calculations. Adds the metadata, the
 * questions and the repeats to the catalogue.
 *
 * @param isStored whether an earlier release may have stored the questions
 * @returns all items, each before those in it
 */
export function checkQuestions(
  questions: readonly Element<Item>[],
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): readonly PlacedElement[] {
  for (const field of METADATA) {
    const kind = kindOfField(field, () => undefined);
    catalogue.set(field.key, { kind, scope: ROOT, limits: () => limitsOf(field), isOptional: false });
  }
  const checking: Checking = {
    catalogue,
    faults,
    isStored,
    paths: new Map(),
    names: new Set([...METADATA.map(nameOf), ...SYSTEM_COLUMNS]),
    headers: new Set([...METADATA.map((field) => field.key), ...STATE_HEADERS]),
    placed: [],
  };
  checkItems(
    questions,
    { path: '', names: [], scope: ROOT, keys: [], isOptional: false, relevant: [], depth: 0 },
    checking,
  );
  const { placed } = checking;
  // A longer list already has a fault for its length.
  if (!isStored && placed.length > LIMITS.questions && questions.length <= LIMITS.questions) {
    const detail = `Use at most ${LIMITS.questions} questions, groups and repeats in all.`;
    faults.push({ pointer: pointerTo('questions'), detail });
  }
  return placed;
}

function checkItems(elements: readonly Element<Item>[], around: Around, checking: Checking): void {
  for (const element of elements) {
    const { pointer, raw, value } = element;
    const nameMember = memberOf(raw, 'name') === undefined ? 'column' : 'name';
    // The reader fills in a missing key, so a key that equals the name counts as the name.
    const keyMember = [undefined, memberOf(raw, 'name')].includes(memberOf(raw, 'key')) ? 'name' : 'key';
    const key = memberOf(raw, keyMember);
    const name = memberOf(raw, nameMember);
    const path = joinPath(around.path, key ?? '');
    const names = [...around.names, name ?? ''];
    const add = (member: string, detail: string) =>
      checking.faults.push({ pointer: pointer + pointerTo(member), detail });

    const keyFault = key === undefined ? undefined : findKeyFault(key, path, keyMember, value, checking);
    if (keyFault !== undefined) add(keyMember, keyFault);
    const column = names.join('/').toLowerCase();
    if (name !== undefined && checking.names.has(column) && (keyFault === undefined || keyMember !== nameMember)) {
      add(nameMember, `Choose another ${nameMember}; this one is in use (case does not matter).`);
    }
    if (name !== undefined) checking.names.add(column);
    const relevant = value?.relevant === undefined ? around.relevant : [...around.relevant, value.relevant];
    checking.placed.push({ ...element, path, name: names.join('/'), scope: around.scope, relevant });

    const type = memberOf(raw, 'type');
    if (type === 'group' || type === 'repeat') {
      checkSection(element, type, { ...around, path, names, keys: [...around.keys, key ?? ''], relevant }, checking);
    } else {
      const question = value === undefined || isSection(value) ? undefined : value;
      const isNew = key !== undefined && !checking.paths.has(path);
      const expression = question && checkQuestion(question, pointer, around.scope, checking);
      if (isNew) addFact(path, question, expression, around, checking.catalogue);
    }
    if (key !== undefined && !checking.paths.has(path)) checking.paths.set(path, pointer);
  }
}

function checkSection(
  { pointer, raw, value }: Element<Item>,
  type: 'group' | 'repeat',
  inside: Around,
  checking: Checking,
): void {
  const { path, scope, keys, depth } = inside;
  if (depth >= LIMITS.nesting) {
    const detail = `Nest groups and repeats at most ${LIMITS.nesting} deep.`;
    checking.faults.push({ pointer: pointer + pointerTo('type'), detail });
    return;
  }
  const isOptional = value?.relevant !== undefined;
  const sent = isJsonObject(raw) ? raw['questions'] : undefined;
  const items = elementsOf(
    sent,
    value !== undefined && isSection(value) ? value.questions : undefined,
    itemSchema,
    pointer + pointerTo('questions'),
  );
  if (type === 'group') {
    checkItems(items, { ...inside, isOptional: inside.isOptional || isOptional, depth: depth + 1 }, checking);
    return;
  }
  const own = scopeIn(scope, path, keys, value?.type === 'repeat' ? value.max : undefined);
  if (!checking.paths.has(path)) {
    checking.catalogue.set(path, { kind: NUMBER, scope: own, limits: () => limitsOfCount(1), isOptional: false });
  }
  checkItems(items, { ...inside, scope: own, keys: [], isOptional, depth: depth + 1 }, checking);
}

function addFact(
  path: string,
  question: Question | undefined,
  expression: Expression | undefined,
  { scope, isOptional }: Around,
  catalogue: FactCatalogue,
): void {
  if (question === undefined) {
    catalogue.set(path, { kind: undefined, scope, isOptional: true });
    return;
  }
  const kindOf = (fact: string) => catalogue.get(fact)?.kind;
  const kind: Kind | undefined =
    question.type === 'calculate'
      ? expression === undefined
        ? undefined
        : kindOfExpression(expression, kindOf)
      : kindOfField(question, kindOf);
  if (kind === NOTHING) return;
  const isOpen = isOptional || question.required !== true || question.relevant !== undefined;
  const isLater =
    expression !== undefined && dependsOnNow(expression, (fact) => catalogue.get(fact)?.dependsOnNow === true);
  // A condition may distinguish a blank text from a missing answer, if the question is not always asked.
  const limits = () =>
    isCount(expression) ? limitsOfCount(0) : limitsOf(isOpen ? { ...question, required: false } : question);
  catalogue.set(path, { kind, scope, question, limits, isOptional: isOpen, dependsOnNow: isLater });
}

function findKeyFault(
  key: string,
  path: string,
  member: string,
  value: Item | undefined,
  { paths, headers, isStored }: Checking,
): string | undefined {
  if (isMetadata(path)) return 'Leave this question out; every response already has it.';
  const same = paths.get(path);
  if (same !== undefined) return `Choose another ${member}; ${same} has this one.`;
  if (isStored) return undefined;
  const columns = value === undefined ? [path] : columnNames(value, path);
  if (columns.some((name) => headers.has(name))) {
    return `Choose another ${member}; exports have a column of this name already.`;
  }
  for (const name of columns) headers.add(name);
  if (WHOLE_NUMBER.test(key)) {
    return 'Choose a key that is not a whole number; JavaScript would move it before all others.';
  }
  return undefined;
}

/** The names of an item's columns. An item without columns reserves its key too, because payloads have it. */
function columnNames(item: Item, path: string): string[] {
  if (isSection(item)) return [path];
  // The names do not depend on the expression, which is not checked yet.
  const question = item.type === 'calculate' ? { ...item, key: path, value: 0 } : { ...item, key: path };
  const columns = columnsOf(question).map(({ name }) => name);
  return columns.length === 0 ? [path] : columns;
}

/**
 * Checks the parts of a question that depend on its type or on other questions.
 *
 * @returns the expression of a calculation; undefined for other questions, or if it is faulty
 */
function checkQuestion(
  question: Question,
  pointer: string,
  scope: Scope,
  { catalogue, faults, isStored }: Checking,
): Expression | undefined {
  if (question.type === 'calculate') {
    const at = pointer + pointerTo('value');
    const expression = readExpression(question.value, at, catalogue, faults);
    const scopeOf = (fact: string) => catalogue.get(fact)?.scope ?? ROOT;
    if (expression !== undefined && kindOfExpression(expression, (fact) => catalogue.get(fact)?.kind) === PLACE) {
      faults.push({ pointer: at, detail: 'Name another question; a place cannot be computed.' });
      return undefined;
    }
    const own = expression === undefined ? undefined : scopeOfExpression(expression, scopeOf);
    if (own === undefined || isWithin(scope, own)) return expression;
    faults.push({ pointer: at, detail: `${insideRepeat(own)} Use count, sum, min or max.` });
    return undefined;
  }
  if (isStored) return undefined;
  const needs =
    'options' in question ? question.options.map((each) => (typeof each === 'string' ? undefined : each.if)) : [];
  if ('default' in question && question.default !== undefined) {
    // The earlier answers are not known, so every option may be possible.
    const unknown = new Set(needs.map((need) => need?.question ?? ''));
    const answer = parserOf(question)(question.default, {}, unknown);
    if (!answer.ok) faults.push({ pointer: pointer + pointerTo('default'), detail: answer.detail });
  }
  for (const [position, need] of needs.entries()) {
    if (need === undefined) continue;
    const at = (...path: (string | number)[]) => pointer + pointerTo('options', position, 'if', ...path);
    const source = catalogue.get(need.question);
    // A faulty question has a fault of its own.
    if (source !== undefined && source.kind === undefined) continue;
    const options = source?.question && 'options' in source.question ? source.question.options : undefined;
    if (options === undefined || source === undefined || !isWithin(scope, source.scope)) {
      faults.push({ pointer: at('question'), detail: 'Name an earlier question with options, by its path.' });
      continue;
    }
    const names = new Set(namesOf(options));
    for (const [place, name] of need.is.entries()) {
      if (!names.has(name)) {
        const detail = `Name an option of ${JSON.stringify(need.question)}: ${listNames(options, 10)}.`;
        faults.push({ pointer: at('is', place), detail });
      }
    }
  }
  return undefined;
}

/** A sentence about a fact that has one value per entry of a repeat. */
export function insideRepeat(scope: Scope): string {
  return `This has a value for each entry of ${JSON.stringify(scope.path)}.`;
}
