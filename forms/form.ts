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
 * metadata or with Collect's own columns; derived facts over what is not a number, unknown or declared later; and in
 * rules unknown facts and operators, unlike things compared, places in messages that name no fact, and conditions
 * that no answer can decide: see `readConditions`.
 *
 * @param input parsed JSON, from `parseJson` or `JSON.parse`
 * @returns every fault at once, parts that have none being checked even where others do
 */
export function parseFormDefinition(input: unknown): FormResult {
  const parsed = formSchema.safeParse(input, { error: adviceFor });
  const faults = parsed.success ? [] : faultsOf(parsed.error);

  const questions = readList(input, 'questions', questionSchema);
  const facts = readList(input, 'facts', derivedFactSchema);
  const rules = readList(input, 'rules', ruleSchema);

  const catalogue = checkQuestions(questions, faults);
  checkFacts(facts, catalogue, faults);
  const conditions = checkRules(rules, catalogue, faults);

  if (!parsed.success || faults.length > 0) return { ok: false, errors: faults };
  const withConditions = (rule: Rule, index: number) => ({ ...rule, conditions: conditions[index] ?? rule.conditions });
  return { ok: true, form: { ...parsed.data, rules: parsed.data.rules.map(withConditions) } };
}

/**
 * Checks rules proposed for a form, as `POST /forms/{id}/dry-run` takes them, against its questions and facts.
 *
 * @param input the proposed `rules` member: pointers are relative to what holds it, e.g. `/rules/0/message`
 * @returns the form with these rules in place of its own, or every fault at once
 */
export function withRules(form: FormDefinition, input: unknown): FormResult {
  return parseFormDefinition({ ...form, rules: input });
}

function readList<T>(input: unknown, member: string, schema: z.ZodType<T>): Element<T>[] {
  const list: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, member) : undefined;
  if (!Array.isArray(list)) return [];
  return list.map((raw: unknown, index) => ({ index, raw, value: schema.safeParse(raw).data }));
}

function checkRules(rules: readonly Element<Rule>[], catalogue: FactCatalogue, faults: Fault[]) {
  checkNames(rules, 'rules', 'name', faults);
  return rules.map(({ index, raw }) => {
    checkMessage(memberOf(raw, 'message') ?? '', pointerTo('rules', index, 'message'), catalogue, faults);
    const conditions: unknown = typeof raw === 'object' && raw !== null ? Reflect.get(raw, 'conditions') : undefined;
    return conditions === undefined
      ? undefined
      : readConditions(conditions, pointerTo('rules', index, 'conditions'), catalogue, faults);
  });
}
