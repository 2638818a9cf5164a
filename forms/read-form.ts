/**
 * Reads form definitions from JSON. A form has three stages: stored (the proxy's `StoredForm`, whose definition is not
 * parsed), read (`FormDefinition`) and compiled (`CompiledForm`).
 */
import type * as z from 'zod';
import { comparisonsOf, constantsOf } from './condition.ts';
import { type Fault, pointerTo } from './fault.ts';
import {
  checkFacts,
  checkMessage,
  checkNames,
  checkQuestions,
  type Element,
  type FactCatalogue,
  memberOf,
} from './form-checks.ts';
import {
  type DerivedFact,
  derivedFactSchema,
  type FormDefinition,
  formSchema,
  type Rule,
  ruleSchema,
  uniqueSchema,
} from './form-definition.ts';
import { LIMITS } from './limits.ts';
import { patternLength } from './pattern.ts';
import { questionSchema } from './question-types/index.ts';
import { readConditions } from './read-conditions.ts';
import { adviceFor, faultsOf } from './schema-faults.ts';
import { checkUnique } from './unique.ts';

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
 * Checks rules and derived facts proposed for a form, as `POST /forms/{id}/dry-run` accepts them. What is not proposed is
 * the form's own.
 *
 * @param definition as it is stored
 * @param proposal pointers of faults start at it, e.g. `/rules/0/message`
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
  const questions = parsed.success
    ? toElements(parsed.data.questions)
    : readElements(bounded, 'questions', questionSchema);
  const facts = parsed.success ? toElements(parsed.data.facts) : readElements(bounded, 'facts', derivedFactSchema);
  const rules = parsed.success ? toElements(parsed.data.rules) : readElements(bounded, 'rules', ruleSchema);

  const unique = parsed.success ? toElements(parsed.data.unique ?? []) : readElements(bounded, 'unique', uniqueSchema);

  const catalogue = checkQuestions(questions, faults, isStored.questions);
  checkUnique(unique, rules, catalogue, faults);
  const expressions = checkFacts(facts, catalogue, faults, isStored.facts);
  const conditions = checkRules(rules, catalogue, faults, isStored.rules);

  if (!parsed.success || faults.length > 0) return { ok: false, errors: faults };
  const withConditions = (rule: Rule, index: number) => ({ ...rule, conditions: conditions[index] ?? rule.conditions });
  const withExpression = (fact: DerivedFact, index: number) => {
    const value = expressions[index];
    return value === undefined ? fact : { ...fact, value };
  };
  const form = {
    ...parsed.data,
    facts: parsed.data.facts.map(withExpression),
    rules: parsed.data.rules.map(withConditions),
  };
  return { ok: true, form };
}

/** Cuts a list that is too long to one element more than its limit, so that it gets one fault, not one per element. */
function withBoundedLists(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const limits = new Map<string, number>(Object.entries(LIMITS));
  return Object.fromEntries(
    Object.entries(input).map(([member, list]: [string, unknown]) => [
      member,
      Array.isArray(list) ? list.slice(0, (limits.get(member) ?? 0) + 1) : list,
    ]),
  );
}

function toElements<T>(list: readonly T[]): Element<T>[] {
  return list.map((value, index) => ({ index, raw: value, value }));
}

function readElements<T>(input: unknown, member: string, schema: z.ZodType<T>): Element<T>[] {
  const list: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, member) : undefined;
  if (!Array.isArray(list)) return [];
  return list.map((raw: unknown, index) => ({ index, raw, value: schema.safeParse(raw).data }));
}

/** @returns the conditions of each rule; undefined if they are faulty */
function checkRules(
  rules: readonly Element<Rule>[],
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): (Rule['conditions'] | undefined)[] {
  checkNames(rules, 'rules', 'name', faults);
  const conditions = rules.map(({ index, raw }) => {
    checkMessage(memberOf(raw, 'message') ?? '', pointerTo('rules', index, 'message'), catalogue, faults);
    const sent: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'conditions') : undefined;
    if (sent === undefined) return undefined;
    return readConditions(sent, pointerTo('rules', index, 'conditions'), catalogue, faults, isStored);
  });
  const comparisons = conditions.flatMap((condition) => (condition === undefined ? [] : comparisonsOf(condition)));
  if (!isStored && comparisons.length > LIMITS.all_comparisons) {
    faults.push({
      pointer: pointerTo('rules'),
      detail: `Use at most ${LIMITS.all_comparisons} comparisons in all rules together; these have ${comparisons.length}.`,
    });
  }
  const patterns = comparisons
    .filter(({ operator }) => operator === 'matches')
    .flatMap(({ value }) => constantsOf(value));
  const characters = patterns.reduce((sum: number, pattern) => sum + patternLength(String(pattern)), 0);
  if (!isStored && characters > LIMITS.rule_patterns) {
    faults.push({
      pointer: pointerTo('rules'),
      detail: `Use shorter patterns: at most ${LIMITS.rule_patterns} characters in all rules together, with long repetitions written out; these have ${characters}.`,
    });
  }
  return conditions;
}
