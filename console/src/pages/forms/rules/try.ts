/** Tries a rule on stored responses, which changes nothing. */
import { subDays } from 'date-fns';
import type { components } from '../../../../shared/openapi.d.ts';
import { read } from '../../../../shared/api.ts';
import { ProblemError } from '../../../../shared/problem.ts';
import { api } from '../../../session.ts';
import { isObject, type Fact, type Rule } from './language.ts';

type Request = components['schemas']['DryRunRequest'];
export type DryRun = components['schemas']['DryRun'];

/** How far back responses are tried. */
export const SPANS = { '30': 'of the last 30 days', '365': 'of the last year', all: 'of all responses' } as const;
export type Span = keyof typeof SPANS;

const isRequest = (body: object): body is Request => 'rules' in body;

/** Tries one rule alone, so that all numbers are its own. */
export async function tryRule(formId: string, rule: Rule, facts: readonly Fact[], span: Span): Promise<DryRun> {
  const since = span === 'all' ? {} : { since: subDays(new Date(), Number(span)).toISOString() };
  const body: object = { rules: [rule], facts, ...since };
  if (!isRequest(body)) throw new TypeError('There is no rule to try.');
  return read(api.POST('/forms/{form_id}/dry-run', { params: { path: { form_id: formId } }, body }));
}

/** A refusal whose faults point into the rule itself, whatever its place in the form. */
export function aboutRule(error: unknown, at: number): unknown {
  if (!(error instanceof ProblemError)) return error;
  const errors = error.problem.errors?.map((fault) => ({
    ...fault,
    pointer: fault.pointer.replace(new RegExp(`^/rules/${at}(?=/|$)`), '/rule'),
  }));
  return errors === undefined ? error : new ProblemError({ ...error.problem, errors });
}

/** What a person writes as JSON: a rule, and the derived facts of the form. */
export interface RuleText {
  rule: Rule;
  facts: Fact[];
}

const isRuleText = (value: unknown): value is RuleText =>
  isObject(value) &&
  isObject(value['rule']) &&
  typeof value['rule']['name'] === 'string' &&
  Array.isArray(value['facts']);

/** @throws {Error} that says what is wrong with the text */
export function readRuleText(text: string): RuleText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is not JSON yet. ${error instanceof Error ? error.message : ''}`, { cause: error });
  }
  if (!isRuleText(value))
    throw new Error('Write an object with "rule" (name, message, conditions) and "facts" (a list).');
  return value;
}
