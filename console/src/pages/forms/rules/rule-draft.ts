/** A rule as the builder edits it, and as the API has it. */
import { isSame } from '../version-diff.ts';
import { factsIn, flagWhen, mustHold, type Group } from './flag-when.ts';
import { isCondition, type Fact, type Rule } from './language.ts';

export interface RuleDraft {
  name: string;
  message: string;
  flagWhen: Group;
  /** The derived facts of the form, and the facts that this rule adds. */
  facts: Fact[];
}

/** The rules and derived facts of a form. */
export interface RulesAndFacts {
  rules: Rule[];
  facts: Fact[];
}

export const emptyDraft = (facts: readonly Fact[]): RuleDraft => ({
  name: '',
  message: '',
  flagWhen: { join: 'any', items: [{ fact: '', test: 'lessThan' }] },
  facts: [...facts],
});

/** @returns undefined if the builder does not know the shape of the condition */
export const draftOf = ({ name, message, conditions }: Rule, facts: readonly Fact[]): RuleDraft | undefined =>
  isCondition(conditions) ? { name, message, flagWhen: flagWhen(conditions), facts: [...facts] } : undefined;

export const ruleOf = ({ name, message, flagWhen: group }: RuleDraft): Rule => ({
  name,
  message,
  conditions: mustHold(group),
});

/** A name for a new derived fact that nothing has yet: `total_1`. */
export function newFactName(facts: readonly Fact[]): string {
  const taken = new Set(facts.map(({ name }) => name));
  let number = 1;
  while (taken.has(`total_${number}`)) number += 1;
  return `total_${number}`;
}

/** The facts of a draft, without facts that the draft adds and does not use. */
export function usedFacts({ facts, flagWhen: group, message }: RuleDraft, stored: readonly Fact[]): Fact[] {
  const kept = new Set([...stored.map(({ name }) => name), ...factsIn(group)]);
  return facts.filter(({ name }) => kept.has(name) || message.includes(`{${name}}`));
}

/**
 * Replaces the rule that had the name `before`; without such a rule, adds the rule at the end. Facts that the person
 * changed or removed are changed or removed in the form; all others stay as the form has them.
 *
 * @param based the facts that the person began to edit
 */
export function withRule(
  form: RulesAndFacts,
  {
    rule,
    facts,
    before,
    based,
  }: { rule: Rule; facts: readonly Fact[]; before: string | undefined; based: readonly Fact[] },
): RulesAndFacts {
  const at = form.rules.findIndex(({ name }) => name === before);
  const rules = at === -1 ? [...form.rules, rule] : form.rules.with(at, rule);
  return { rules, facts: withFacts(form.facts, facts, based) };
}

function withFacts(stored: readonly Fact[], own: readonly Fact[], based: readonly Fact[]): Fact[] {
  const before = new Map(based.map((fact) => [fact.name, fact]));
  const now = new Map(own.map((fact) => [fact.name, fact]));
  const changed = new Map(own.filter((fact) => !isSame(fact, before.get(fact.name))).map((fact) => [fact.name, fact]));
  const names = new Set(stored.map(({ name }) => name));
  const kept = stored.filter(({ name }) => now.has(name) || !before.has(name));
  const added = [...changed.values()].filter(({ name }) => !names.has(name));
  return [...kept.map((fact) => changed.get(fact.name) ?? fact), ...added];
}

/** The names of the other rules that use a derived fact, in conditions or messages. */
export const rulesWith = (fact: string, rules: readonly Rule[], except: string | undefined): string[] =>
  rules
    .filter(
      ({ name, message, conditions }) =>
        name !== except &&
        (message.includes(`{${fact}}`) || (isCondition(conditions) && factsIn(flagWhen(conditions)).includes(fact))),
    )
    .map(({ name }) => name);
