/**
 * Reads form definitions from JSON. A form has three stages: stored (the proxy's `StoredForm`, whose definition is not
 * parsed), read (`FormDefinition`) and compiled (`CompiledForm`).
 */
import type * as z from 'zod';
import { comparisonsOf, factsOf } from '../language/condition.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import {
  checkFacts,
  checkMessage,
  checkNames,
  type Element,
  elementsOf,
  type FactCatalogue,
  memberOf,
} from './form-checks.ts';
import {
  derivedFactSchema,
  type FormDefinition,
  formSchema,
  type Rule,
  ruleSchema,
  uniqueSchema,
} from './form-definition.ts';
import { isJsonObject } from '../values/json.ts';
import { LIMITS } from '../values/limits.ts';
import { RESERVED_RULES } from './metadata.ts';
import { checkQuestions, insideRepeat, type PlacedElement } from './question-checks.ts';
import { itemSchema } from '../question-types/index.ts';
import { readConditions } from './read-conditions.ts';
import { adviceFor, faultsOf } from './schema-faults.ts';
import { isWithin, ROOT, type Scope } from '../language/scope.ts';
import { checkUnique } from './unique-checks.ts';
import { checkWorkOfFacts, checkWorkOfPatterns, checkWorkOfRules, scopeOfRule } from './work-checks.ts';

/** A valid form, or all its faults. */
type FormResult =
  { readonly ok: true; readonly form: FormDefinition } | { readonly ok: false; readonly errors: Fault[] };

/**
 * Checks a form definition, as `PUT /forms/{id}` accepts it, and fills in its defaults. Besides violations of
 * `formSchema` it refuses:
 *
 * - questions that share a key or a column with another question, with the metadata or with Collect's own columns,
 * - derived facts with terms that are not numbers, unknown or declared later,
 * - more terms or comparisons than a response's time limit allows,
 * - rules with unknown facts or operators, comparisons of different kinds, unknown placeholders in messages, or
 *   conditions that have the same outcome for every answer (`readConditions`),
 * - lists of `unique` with unknown questions or with the name of a rule.
 *
 * @param input parsed JSON, from `parseJson` or `JSON.parse`
 * @returns the form, or all its faults; a fault in one part does not stop the check of the others
 */
export function parseFormDefinition(input: unknown): FormResult {
  return read(input, { questions: false, facts: false, rules: false });
}

/**
 * Reads a stored form. Checks that are newer than the stored version do not apply to it, so a form in use stays usable.
 *
 * @throws {Error} if the definition cannot be read, which `PUT /forms/{id}` prevents
 */
export function readStoredForm(stored: { form_id: string; version: number; definition: unknown }): FormDefinition {
  const result = read(stored.definition, { questions: true, facts: true, rules: true });
  if (!result.ok) throw new Error(`Version ${stored.version} of the form ${stored.form_id} cannot be read.`);
  return result.form;
}

/** The parts of a form that a dry run proposes, as `PUT /forms/{id}` takes them. */
export type Proposal = { readonly rules?: unknown; readonly facts?: unknown };

/**
 * Checks rules and derived facts proposed for a form, as `POST /forms/{id}/dry-run` accepts them. The other parts are
 * the form's own.
 *
 * @param definition as it is stored
 * @param proposal the pointers of faults are relative to it, e.g. `/rules/0/message`
 * @returns the form with the proposed parts, or all faults
 */
export function withProposal(definition: object, proposal: Proposal): FormResult {
  const isStored = { questions: true, facts: proposal.facts === undefined, rules: proposal.rules === undefined };
  return read({ ...definition, ...proposal }, isStored);
}

/** @param isStored which parts are stored, perhaps by an earlier release */
function read(input: unknown, isStored: Record<'questions' | 'facts' | 'rules', boolean>): FormResult {
  const bounded = withBoundedLists(input);
  const parsed = formSchema.safeParse(bounded, { error: adviceFor });
  const faults = parsed.success ? [] : faultsOf(parsed.error);

  // A faulty form is read again, element by element, to check its valid elements too.
  const form = isJsonObject(bounded) ? bounded : {};
  const elements = <T>(
    member: 'questions' | 'facts' | 'rules' | 'unique',
    list: readonly T[] | undefined,
    schema: z.ZodType<T>,
  ) => elementsOf(form[member], list, schema, pointerTo(member));
  const questions = elements('questions', parsed.data?.questions, itemSchema);
  const facts = elements('facts', parsed.data?.facts, derivedFactSchema);
  const rules = elements('rules', parsed.data?.rules, ruleSchema);

  const unique = elements('unique', parsed.data?.unique, uniqueSchema);

  const catalogue: FactCatalogue = new Map();
  const placed = checkQuestions(questions, catalogue, faults, isStored.questions);
  checkUnique(unique, rules, placed, catalogue, faults);
  if (!isStored.questions) refuseReservedNames(unique, faults);
  const expressions = checkFacts(facts, catalogue, faults, isStored.facts);
  const constraints = checkConditions(placed, catalogue, faults, isStored.questions);
  const conditions = checkRules(rules, placed, catalogue, faults, isStored.rules);
  const read = [...constraints, ...conditions].filter((each) => each !== undefined);
  if (!isStored.rules) checkWorkOfRules(read, catalogue, faults);
  // In a faulty form, a condition may be any value.
  if (!isStored.facts && faults.length === 0) checkWorkOfFacts(placed, facts, catalogue, faults);
  if (!isStored.questions && faults.length === 0) checkWorkOfPatterns(placed, catalogue, faults);

  if (!parsed.success || faults.length > 0) return { ok: false, errors: faults };
  return {
    ok: true,
    form: {
      ...parsed.data,
      // Turns each JsonNumber in the questions into a number, as is done in facts and rules.
      questions: plain(parsed.data.questions),
      facts: parsed.data.facts.map((fact, index) => {
        const value = expressions[index];
        return fact.value === undefined || value === undefined ? fact : { ...fact, value };
      }),
      rules: parsed.data.rules.map((rule, index) => ({ ...rule, conditions: conditions[index] ?? rule.conditions })),
    },
  };
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/**
 * Cuts a list to one element more than its limit, so that a list that is too long gets one fault, not one per element.
 * The questions of all groups and repeats count together.
 */
function withBoundedLists(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const limits = new Map<string, number>(Object.entries(LIMITS));
  return Object.fromEntries(
    Object.entries(input).map(([member, list]: [string, unknown]) => {
      if (member === 'questions') return [member, withBoundedQuestions(list, { left: LIMITS.questions + 1 })];
      return [member, Array.isArray(list) ? list.slice(0, (limits.get(member) ?? 0) + 1) : list];
    }),
  );
}

function withBoundedQuestions(items: unknown, room: { left: number }): unknown {
  if (!Array.isArray(items)) return items;
  const kept: unknown[] = [];
  for (const item of items) {
    if (room.left === 0) break;
    room.left -= 1;
    const isNested = isJsonObject(item) && Array.isArray(item['questions']);
    kept.push(isNested ? { ...item, questions: withBoundedQuestions(item['questions'], room) } : item);
  }
  return kept;
}

type Conditions = Rule['conditions'];

/**
 * Checks the conditions of questions, groups and repeats.
 *
 * @returns the conditions of the constraints
 */
function checkConditions(
  placed: readonly PlacedElement[],
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): (Conditions | undefined)[] {
  return placed.flatMap(({ pointer, raw, scope }) => {
    const members = isJsonObject(raw) ? raw : {};
    for (const member of ['relevant', 'required'] as const) {
      const sent = members[member];
      if (sent === undefined || (member === 'required' && typeof sent === 'boolean')) continue;
      const at = pointer + pointerTo(member);
      if (member === 'required' && !isJsonObject(sent)) {
        faults.push({ pointer: at, detail: 'Send true, false, or a condition.' });
        continue;
      }
      const condition = readConditions(sent, at, catalogue, faults, { isStored, isRule: false });
      if (condition === undefined) continue;
      checkScope(condition, at, scope, catalogue, faults);
      const facts = comparisonsOf(condition).flatMap(factsOf);
      if (facts.some((fact) => catalogue.get(fact)?.dependsOnNow)) {
        const detail = 'Use submitted_time instead of now: a phone may send the response days later.';
        faults.push({ pointer: at, detail });
      }
    }
    const { constraint } = members;
    if (!isJsonObject(constraint)) return [];
    const at = pointer + pointerTo('constraint');
    checkMessage(memberOf(constraint, 'message') ?? '', at + pointerTo('message'), scope, catalogue, faults);
    const place = at + pointerTo('conditions');
    if (constraint['conditions'] === undefined) return [];
    const conditions = readConditions(constraint['conditions'], place, catalogue, faults, { isStored, isRule: true });
    if (conditions !== undefined) checkScope(conditions, place, scope, catalogue, faults);
    return [conditions];
  });
}

/** Adds a fault for each fact that has several values for one entry of the scope. */
function checkScope(
  condition: Conditions,
  pointer: string,
  scope: Scope,
  catalogue: FactCatalogue,
  faults: Fault[],
): void {
  for (const fact of new Set(comparisonsOf(condition).flatMap(factsOf))) {
    const own = catalogue.get(fact)?.scope ?? ROOT;
    if (isWithin(scope, own)) continue;
    faults.push({
      pointer,
      detail: `${JSON.stringify(fact)}: ${insideRepeat(own)} Use a derived fact, such as a sum.`,
    });
  }
}

/** @returns the conditions of each rule; undefined if they are faulty */
function checkRules(
  rules: readonly Element<Rule>[],
  placed: readonly PlacedElement[],
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): (Conditions | undefined)[] {
  checkNames(rules, 'name', faults);
  if (!isStored) refuseReservedNames(rules, faults);
  const constraints = new Map(
    placed
      .filter(({ raw }) => isJsonObject(raw) && raw['constraint'] !== undefined)
      .map(({ name, pointer }) => [name, pointer]),
  );
  return rules.map(({ pointer, raw }) => {
    const same = constraints.get(memberOf(raw, 'name') ?? '');
    if (same !== undefined) {
      const detail = `Choose another name; the constraint of ${same} has this one.`;
      faults.push({ pointer: pointer + pointerTo('name'), detail });
    }
    const sent = isJsonObject(raw) ? raw['conditions'] : undefined;
    const at = pointer + pointerTo('conditions');
    const found: Fault[] = [];
    const conditions =
      sent === undefined ? undefined : readConditions(sent, at, catalogue, found, { isStored, isRule: true });
    const scope = conditions && scopeOfRule(conditions, catalogue);
    if (conditions !== undefined && scope === undefined) {
      const detail =
        'Compare facts of one repeat and of the groups, repeats and form around it; these are in different repeats.';
      found.push({ pointer: at, detail });
    }
    checkMessage(memberOf(raw, 'message') ?? '', pointer + pointerTo('message'), scope, catalogue, faults);
    faults.push(...found);
    return conditions;
  });
}

function refuseReservedNames(elements: readonly Element<unknown>[], faults: Fault[]): void {
  for (const { pointer, raw } of elements) {
    if (!RESERVED_RULES.has(memberOf(raw, 'name') ?? '')) continue;
    faults.push({
      pointer: pointer + pointerTo('name'),
      detail: 'Choose another name; Collect has flags of this name.',
    });
  }
}
