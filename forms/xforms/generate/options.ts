/** The options of a generated question. Options that depend on an earlier answer are written as a list of their own. */
import type { Option } from '../../question-types/options.ts';
import type { SharedParts } from './binds.ts';
import { tag, text } from './tag.ts';
import { pathFrom, scopeAround, type Steps } from '../to-xpath/places.ts';
import { anyOf, xpathText } from '../to-xpath/text.ts';

type Choice = Exclude<Option, string>;

/** The items of a question, or a reference to its list. */
export function choicesOf(options: readonly Option[], { facts, texts }: SharedParts, steps: Steps): string {
  const choices = options.map(choiceOf);
  const id = (index: number) => `${steps.join('/')}:option-${index + 1}`;
  const needs = needsOf(choices);
  if (needs.length === 0) {
    return choices
      .map(({ name, label = name }, index) =>
        tag('item', {}, texts.element('label', id(index), label), tag('value', {}, text(name))),
      )
      .join('');
  }
  const conditions = needs.map(({ question, is }, index) => {
    const element = facts.places.elements.get(question);
    if (element === undefined) return `when = '${index + 1}'`;
    const { scope } = element;
    const path = pathFrom(facts.places, { steps, scope: scopeAround(facts.places, steps) }, element.steps, scope);
    // Inside the brackets, a relative path would begin at an item of the list.
    const from = path.startsWith('/') ? path : `current()/${path}`;
    const isList = element.question?.type === 'select_multiple';
    const met = is.map((name) => (isList ? `selected(${from}, ${xpathText(name)})` : `${from} = ${xpathText(name)}`));
    return `(when = '${index + 1}' and ${anyOf(met)})`;
  });
  const always = choices.some((choice) => choice.if === undefined) ? ["when = ''"] : [];
  const nodeset = `instance(${xpathText(listOf(steps))})/root/item[${[...always, ...conditions].join(' or ')}]`;
  const label = isTranslated(choices) ? 'jr:itext(itextId)' : 'label';
  return tag('itemset', { nodeset }, tag('value', { ref: 'name' }), tag('label', { ref: label }));
}

/** The list of a question's options as a secondary instance; '' if its options do not depend on an earlier answer. */
export function listInstance(options: readonly Option[], { texts }: SharedParts, steps: Steps): string {
  const choices = options.map(choiceOf);
  const needs = needsOf(choices);
  if (needs.length === 0) return '';
  const translated = isTranslated(choices);
  const items = choices.map(({ name, label = name, ...choice }, index) => {
    const own = needs.findIndex((need) => isSame(need, choice.if));
    const shown = translated
      ? tag('itextId', {}, text(texts.id(`${steps.join('/')}:option-${index + 1}`, label)))
      : tag('label', {}, text(typeof label === 'string' ? label : name));
    return tag('item', {}, tag('name', {}, text(name)), shown, tag('when', {}, own < 0 ? '' : String(own + 1)));
  });
  return tag('instance', { id: listOf(steps) }, tag('root', { xmlns: '' }, ...items));
}

function choiceOf(option: Option): Choice {
  return typeof option === 'string' ? { name: option } : option;
}

function isTranslated(choices: readonly Choice[]): boolean {
  return choices.some(({ label }) => typeof label === 'object');
}

type Need = NonNullable<Choice['if']>;

/** The distinct conditions of options. */
function needsOf(choices: readonly Choice[]): Need[] {
  const needs: Need[] = [];
  for (const { if: need } of choices) {
    if (need !== undefined && !needs.some((each) => isSame(each, need))) needs.push(need);
  }
  return needs;
}

function isSame(left: Need, right: Need | undefined): boolean {
  return left.question === right?.question && left.is.join('\n') === right.is.join('\n');
}

/**
 * The id of a question's list. No other instance has an id that begins with `options:`, so the id differs from that of
 * the flagged responses in a corrections form.
 */
function listOf(steps: Steps): string {
  return `options:${steps.join('/')}`;
}
