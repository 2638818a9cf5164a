/**
 * The soft checks of a generated XForm. After the last question of a rule, an extra question is asked while the rule is
 * broken. The collector then looks at the answers again, corrects wrong ones, or acknowledges that all are right.
 */
import { comparisonsOf, factsOf as namesOf, isPresence } from '../../language/condition.ts';
import { PLACEHOLDERS } from '../../definition/form-checks.ts';
import type { FormDefinition } from '../../definition/form-definition.ts';
import { joinPath } from '../../definition/question-tree.ts';
import { type FormRule, rulesOf } from '../../definition/rules-of.ts';
import { innermost, isWithin, ROOT, type Scope } from '../../language/scope.ts';
import { nameOf, type Section } from '../../question-types/index.ts';
import { LIMITS } from '../../values/limits.ts';
import type { Said } from './wording.ts';
import { type InstanceMap, type InstanceNode, plainInstanceOf } from '../instance-nodes.ts';
import { brokenOnPhone, holdsOnPhone } from '../to-xpath/to-xpath.ts';
import { type Facts, orNoAnswer, type XPathValue } from '../to-xpath/facts.ts';
import { shownNumber } from '../to-xpath/numbers.ts';
import { pathFrom, placesIn, scopeAround, type Steps } from '../to-xpath/places.ts';
import { allOf, anyOf, FALSE, MAX_XPATH, TRUE } from '../to-xpath/text.ts';
import { factsOf } from '../to-xpath/facts-of-form.ts';

/** A part of a message: a text, or an expression whose value is shown. */
type MessagePart = string | { readonly output: string };

export type SoftCheck = {
  /** The name that the rule's flags have. */
  readonly rule: string;
  /** The path of its element. */
  readonly steps: Steps;
  /** The element that it follows. */
  readonly after: Steps;
  /** The XPath condition under which it is asked. */
  readonly broken: string;
  /** Its text: the rule's message, or a text of Collect. */
  readonly message: readonly MessagePart[] | { readonly said: Said };
};

/**
 * The names of the rules and constraints that a generated form cannot check, because XPath cannot express them. The
 * server checks all of them.
 */
export function uncheckedRules(definition: FormDefinition): string[] {
  const checked = new Set(softChecksOf(definition, plainInstanceOf(definition, 1)).map(({ rule }) => rule));
  return rulesOf(definition)
    .map(({ name }) => name)
    .filter((name) => !checked.has(name));
}

/** The soft checks of a form, in the order of its rules. @param instance without soft checks */
export function softChecksOf(
  definition: FormDefinition,
  instance: Pick<InstanceMap, 'root' | 'nodes'>,
): readonly SoftCheck[] {
  const facts = factsOf(definition, placesIn(instance));
  const sections = sectionsOf(instance.nodes);
  const ofRules = rulesOf(definition).flatMap((rule, index) => {
    const named = [...comparisonsOf(rule.conditions).flatMap(namesOf), ...rule.about];
    const scope = innermost(named.map(facts.scopeOf)) ?? ROOT;
    const after = lastOf(rule, named, scope, facts, sections) ?? lastIn(scope, instance, facts);
    if (after === undefined) return [];
    // No question has a name with a hyphen.
    const steps = [...after.slice(0, -1), `check-${index + 1}`];
    const context = { steps, scope };
    const broken = brokenOnPhone(rule.conditions, rule.about, facts, context);
    if (broken === undefined) return [];
    return [{ rule: rule.name, steps, after, broken, message: messageOf(rule, facts, context) }];
  });
  return [...ofRules, ...entryChecks(instance.nodes, [], facts)];
}

/** Nothing in an XForm limits the number of a repeat's entries, so a soft check follows each repeat with limits. */
function entryChecks(nodes: readonly InstanceNode[], around: Steps, facts: Facts, names = ''): SoftCheck[] {
  return nodes.flatMap((each) => {
    if (each.kind !== 'section') return [];
    const { section } = each;
    const after = [...around, each.node];
    const rule = joinPath(names, nameOf(section));
    const inside = entryChecks(each.nodes, after, facts, rule);
    if (section.type === 'group' || (section.min === undefined && section.max === undefined)) return inside;
    const steps = [...around, `entries-${each.node}`];
    const context = { steps, scope: scopeAround(facts.places, steps) };
    const relevant = section.relevant === undefined ? TRUE : holdsOnPhone(section.relevant, facts, context);
    if (relevant === undefined) return inside;
    const { min = 0, max = LIMITS.entries } = section;
    const count = `count(${pathFrom(facts.places, context, after, context.scope)})`;
    const broken = allOf([relevant, anyOf([min === 0 ? FALSE : `${count} < ${min}`, `${count} > ${max}`])]);
    const said: Said = ['entries', String(min), String(max)];
    return [...inside, { rule, steps, after, broken, message: { said } }];
  });
}

/** Adds the elements of soft checks, each after its last question. */
export function withChecks(nodes: readonly InstanceNode[], checks: readonly SoftCheck[]): InstanceNode[] {
  const after = Map.groupBy(checks, (check) => check.after.join('/'));
  const add = (inside: readonly InstanceNode[], around: string): InstanceNode[] =>
    inside.flatMap((each) => {
      const path = joinPath(around, each.node);
      const own = after.get(path) ?? [];
      const element = 'nodes' in each ? { ...each, nodes: add(each.nodes, path) } : each;
      return [element, ...own.map(({ rule, steps }) => ({ kind: 'check' as const, node: steps.at(-1) ?? '', rule }))];
    });
  return add(nodes, '');
}

/** The groups and repeats of a form by the path of their elements. */
function sectionsOf(nodes: readonly InstanceNode[], around: Steps = []): Map<string, Section> {
  return new Map(
    nodes.flatMap((each) => {
      if (each.kind !== 'section') return [];
      const steps = [...around, each.node];
      return [[steps.join('/'), each.section], ...sectionsOf(each.nodes, steps)];
    }),
  );
}

/** The last element of a rule inside its scope: its last question, or the repeat around it if the rule aggregates. */
function lastOf(
  { conditions }: FormRule,
  named: readonly string[],
  scope: Scope,
  { places, dependsOn }: Facts,
  sections: ReadonlyMap<string, Section>,
): Steps | undefined {
  const sources = new Set(named.flatMap((name) => [...dependsOn(name)]));
  const [last] = [...sources]
    .map((name) => places.elements.get(name))
    .filter((element) => element !== undefined)
    .filter((element) => element.question !== undefined && isWithin(element.scope, scope))
    .toSorted((left, right) => right.order - left.order);
  if (last === undefined) return undefined;
  const around = places.repeats.get(scope.path)?.length ?? 0;
  const inner = [...last.steps.keys()].map((index) => last.steps.slice(0, index + 1)).slice(around);
  // A rule that asks whether a question is answered is checked even if the group of that question is not asked.
  const asksPresence = comparisonsOf(conditions).some(isPresence);
  const outside = inner.find((steps) => {
    const section = sections.get(steps.join('/'));
    return section?.type === 'repeat' || (asksPresence && section?.relevant !== undefined);
  });
  return outside ?? last.steps;
}

/** The last element of a scope. */
function lastIn(scope: Scope, { nodes }: Pick<InstanceMap, 'nodes'>, { places }: Facts): Steps | undefined {
  const around = places.repeats.get(scope.path) ?? [];
  let inside = nodes;
  for (const step of around) {
    const found = inside.find(({ node }) => node === step);
    inside = found !== undefined && 'nodes' in found ? found.nodes : [];
  }
  const last = inside.at(-1);
  return last && [...around, last.node];
}

function messageOf({ message }: FormRule, facts: Facts, context: Parameters<Facts['valueOf']>[1]): MessagePart[] {
  const parts: MessagePart[] = [];
  let end = 0;
  for (const match of message.matchAll(PLACEHOLDERS)) {
    const [place, fact = ''] = match;
    parts.push(message.slice(end, match.index), figureOf(facts.valueOf(fact, context)));
    end = match.index + place.length;
  }
  return [...parts, message.slice(end)].filter((part) => part !== '');
}

function figureOf(value: XPathValue | undefined): MessagePart {
  if (value === undefined) return '…';
  const output = orNoAnswer(value.given, shownValue(value));
  return output.length > MAX_XPATH ? '…' : { output };
}

function shownValue(value: XPathValue): string {
  if (value.kind === 'number') return shownNumber(value.number);
  return 'shown' in value ? value.shown : value.path;
}
