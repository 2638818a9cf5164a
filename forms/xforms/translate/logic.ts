/** Translates the calculations and conditions of an XForm into its items. */
import type { Expression } from '../../language/expression.ts';
import { LIMITS } from '../../values/limits.ts';
import { firstOf, oneLine } from './xform-texts.ts';
import { translateCalculation } from './calculations.ts';
import { conditionOf, type Outcome } from './conditions.ts';
import { type Check, type Entry, isAsked, isCall, type Translation, Untranslatable, withAround } from './draft.ts';
import { translateDefault } from './defaults.ts';
import { translateFilter } from './filters.ts';
import { attempt, type Dropped, type Facts } from './state.ts';
import { parseXPath, type XPath } from './xpath.ts';

/**
 * Writes options, calculations, conditions and defaults into the drafts, and notes where each is checked. Replaces what
 * an earlier round wrote.
 *
 * @param dropped the parts to leave to the phone
 * @param facts collects the derived facts that the conditions need
 */
export function translateLogic(translation: Translation, dropped: Dropped, facts: Facts): void {
  const { entries } = translation;
  for (const entry of entries) removeLogic(entry, dropped);
  for (const entry of entries) translateFilter(entry, translation, dropped);
  for (const entry of entries) translateCalculation(entry, translation, dropped);
  const place = (entry: Entry) => ({ translation, entry, factOf: (value: Expression) => facts.nameOf(value) });
  for (const entry of entries) {
    const relevant = entry.bind?.relevant;
    if (relevant === undefined) continue;
    const outcome = attempt(entry, 'relevant', dropped, () => {
      const condition = conditionOf(parseXPath(relevant), { ...place(entry), isConstraint: false, leftOut: [] });
      if (condition === false) throw new Untranslatable('It is never asked.');
      return condition;
    });
    if (typeof outcome === 'object') entry.draft.relevant = outcome;
    entry.isHiddenByPhone = outcome === undefined;
  }
  for (const entry of entries) {
    translateRequired(entry, dropped, (required) =>
      conditionOf(required, { ...place(entry), isConstraint: false, leftOut: [] }),
    );
    translateConstraint(
      entry,
      dropped,
      (constraint, leftOut) => conditionOf(constraint, { ...place(entry), isConstraint: true, leftOut }),
      translation,
    );
  }
  for (const { draft, isMatched } of entries) {
    if (isMatched && draft.type === 'text') draft.max_length = LIMITS.matched_text;
  }
  for (const entry of entries) translateDefault(entry, dropped);
}

/** Removes what an earlier round wrote, so that the draft has only what its type needs. */
function removeLogic(entry: Entry, dropped: Dropped): void {
  const { draft, typeMembers, choices, whyKeptAsText } = entry;
  for (const member of [
    'relevant',
    'required',
    'constraint',
    'value',
    'options',
    'max_length',
    'multiline',
    'default',
  ] as const) {
    delete draft[member];
  }
  Object.assign(draft, typeMembers);
  entry.isHiddenByPhone = false;
  entry.isMatched = false;
  entry.calculated = undefined;
  entry.possibleTexts = undefined;
  const why = whyKeptAsText ?? dropped.why(entry, 'options');
  if (why !== undefined) {
    Object.assign(draft, { type: 'text', max_length: LIMITS.text, multiline: true });
  } else if (choices !== undefined) {
    draft.options = dropped.hasOptionLabels ? choices.options : choices.options.map(({ name }) => ({ name }));
  }
  const isSection = draft.questions !== undefined;
  const type: Check = why === undefined ? { what: 'type', where: 'server' } : { what: 'type', where: 'phone', why };
  entry.checks = isSection ? [] : [type];
  if (draft.type !== 'note' && !isSection) draft.required = false;
}

/** @param leftOut collects the reasons why parts of a constraint are left to the phone */
type Translate = (xpath: XPath, leftOut: string[]) => Outcome;

function translateRequired(entry: Entry, dropped: Dropped, translate: Translate): void {
  const { bind, draft } = entry;
  const required = bind?.required;
  const takesAnswer = draft.questions === undefined && draft.type !== 'note' && draft.type !== 'calculate';
  if (required === undefined || isCall(required, 'false') || !takesAnswer) return;
  const outcome = attempt(entry, 'required', dropped, () => {
    if (!isAsked(entry)) throw new Untranslatable('The collector does not answer it.');
    if (withAround(entry).some(({ isHiddenByPhone }) => isHiddenByPhone)) {
      throw new Untranslatable('Only the phone knows whether it is asked.');
    }
    return translate(parseXPath(required), []);
  });
  if (outcome !== undefined) draft.required = outcome;
}

function translateConstraint(entry: Entry, dropped: Dropped, translate: Translate, { xform }: Translation): void {
  const { bind, draft } = entry;
  const constraint = bind?.constraint;
  if (constraint === undefined) return;
  const leftOut: string[] = [];
  const outcome = attempt(entry, 'constraint', dropped, () => {
    if (draft.questions !== undefined || draft.type === 'note' || draft.type === 'calculate') {
      throw new Untranslatable('It belongs to an element that the collector does not answer.');
    }
    const condition = translate(parseXPath(constraint), leftOut);
    if (typeof condition === 'boolean') throw new Untranslatable('It is always the same, whatever the answer.');
    return condition;
  });
  if (outcome === undefined) return;
  for (const why of leftOut) entry.checks.push({ what: 'constraint', where: 'phone', why: `A part of it: ${why}` });
  const sent = bind?.constraintMsg;
  const own = sent === undefined ? undefined : xform.texts.ofAttribute(sent);
  const label = firstOf(draft.label) ?? draft.key;
  const message = messageOf(own ?? '') ?? messageOf(`Check this answer: ${label}`) ?? 'Check this answer.';
  draft.constraint = { message, conditions: outcome };
}

/** Braces mark placeholders in messages. */
function messageOf(text: string): string | undefined {
  return oneLine(text.replaceAll('{', '(').replaceAll('}', ')'), LIMITS.message);
}
