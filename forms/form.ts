import type * as z from 'zod';
import { readConditions } from './condition.ts';
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
  derivedFactSchema,
  type FormDefinition,
  formSchema,
  LIMITS,
  questionSchema,
  type Rule,
  ruleSchema,
} from './form-schema.ts';
import { adviceFor, faultsOf } from './schema-faults.ts';

export type { DerivedFact, Field, FormDefinition, Question, Rule } from './form-schema.ts';
export { formSchema } from './form-schema.ts';

/** A form that can be used, or everything that keeps it from being used. */
export type FormResult =
  { readonly ok: true; readonly form: FormDefinition } | { readonly ok: false; readonly errors: Fault[] };

/**
 * Checks a form definition, as `PUT /forms/{id}` takes it, and fills in its defaults.
 *
 * Beyond the shape that `formSchema` gives it refuses: questions that share a key or a column with another, with the
 * metadata or with Collect's own columns; derived facts over what is not a number, unknown or declared later; more terms
 * or comparisons than fit the time that a response has; and in rules unknown facts and operators, unlike things compared,
 * places in messages that name no fact, and conditions that no answer can decide: see `readConditions`.
 *
 * @param input parsed JSON, from `parseJson` or `JSON.parse`
 * @returns every fault at once, parts that have none being checked even where others do
 */
export function parseFormDefinition(input: unknown): FormResult {
  return read(input, { questions: false, rules: false });
}

/**
 * Reads a definition that `PUT /forms/{id}` took, perhaps of an earlier release: what that did not refuse does not make
 * a form unusable.
 */
export function readStoredForm(definition: unknown): FormResult {
  return read(definition, { questions: true, rules: true });
}

/**
 * Checks rules proposed for a form, as `POST /forms/{id}/dry-run` takes them, against its questions and facts.
 *
 * @param form as it is stored
 * @param input the proposed `rules` member: pointers are relative to what holds it, e.g. `/rules/0/message`
 * @returns the form with these rules in place of its own, or every fault at once
 */
export function withRules(form: FormDefinition, input: unknown): FormResult {
  return read({ ...form, rules: input }, { questions: true, rules: false });
}

/** @param isStored which parts an earlier release may have taken: the questions and facts, and the rules */
function read(input: unknown, isStored: { questions: boolean; rules: boolean }): FormResult {
  const bounded = withBoundedLists(input);
  const parsed = formSchema.safeParse(bounded, { error: adviceFor });
  const faults = parsed.success ? [] : faultsOf(parsed.error);

  const questions = readList(bounded, 'questions', questionSchema);
  const facts = readList(bounded, 'facts', derivedFactSchema);
  const rules = readList(bounded, 'rules', ruleSchema);

  const catalogue = checkQuestions(questions, faults, isStored.questions);
  checkFacts(facts, catalogue, faults, isStored.questions);
  const conditions = checkRules(rules, catalogue, faults, isStored.rules);

  if (!parsed.success || faults.length > 0) return { ok: false, errors: faults };
  const withConditions = (rule: Rule, index: number) => ({ ...rule, conditions: conditions[index] ?? rule.conditions });
  return { ok: true, form: { ...parsed.data, rules: parsed.data.rules.map(withConditions) } };
}

/** Lists beyond their limit lose what is not needed to refuse them: their faults would be as many as their elements. */
function withBoundedLists(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const most = new Map<string, number>(Object.entries(LIMITS));
  return Object.fromEntries(
    Object.entries(input).map(([member, list]: [string, unknown]) => [
      member,
      Array.isArray(list) ? list.slice(0, (most.get(member) ?? 0) + 1) : list,
    ]),
  );
}

function readList<T>(input: unknown, member: string, schema: z.ZodType<T>): Element<T>[] {
  const list: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, member) : undefined;
  if (!Array.isArray(list)) return [];
  return list.map((raw: unknown, index) => ({ index, raw, value: schema.safeParse(raw).data }));
}

function checkRules(
  rules: readonly Element<Rule>[],
  catalogue: FactCatalogue,
  faults: Fault[],
  isStored: boolean,
): (Rule['conditions'] | undefined)[] {
  checkNames(rules, 'rules', 'name', faults);
  let comparisons = 0;
  const read = rules.map(({ index, raw }) => {
    checkMessage(memberOf(raw, 'message') ?? '', pointerTo('rules', index, 'message'), catalogue, faults);
    const conditions: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'conditions') : undefined;
    if (conditions === undefined) return undefined;
    const found = readConditions(conditions, pointerTo('rules', index, 'conditions'), catalogue, faults, isStored);
    comparisons += found?.comparisons ?? 0;
    return found?.condition;
  });
  if (!isStored && comparisons > LIMITS.all_comparisons) {
    faults.push({
      pointer: pointerTo('rules'),
      detail: `Use at most ${LIMITS.all_comparisons} comparisons in all rules together; these have ${comparisons}.`,
    });
  }
  return read;
}
