/** Evaluates what depends on other answers: calculations, and whether an answer is relevant or required. */
import { toAmount } from '../values/amount.ts';
import { type Answer, textOf } from '../values/answer.ts';
import { comparisonsOf, type Condition, factsOf } from '../language/condition.ts';
import { compileFacts, type FactSet } from './facts.ts';
import { type Fault, pointerTo } from '../values/fault.ts';
import type { FormDefinition } from '../definition/form-definition.ts';
import { type At, AT_ROOT, entriesIn, type Frame } from '../language/frame.ts';
import { compileHolds } from '../language/holds.ts';
import { isJsonObject } from '../values/json.ts';
import { type FactValue, TIME } from '../language/kinds.ts';
import { sentKey } from '../question-types/calculate.ts';
import { LIMITS } from '../values/limits.ts';
import { isSection, type Item, type Question } from '../question-types/index.ts';
import { joinPath, placesOf } from '../definition/question-tree.ts';
import type { Scope } from '../language/scope.ts';
import { BLANK_ADVICE, type Content, MAX_FAULTS, MISSING_ADVICE } from './sections.ts';
import { withoutZeros } from '../values/time.ts';

type Test = (frame: Frame, at: At) => boolean;

/** An item to complete: it depends on other answers, or contains an item that does. */
type Step = {
  readonly key: string;
  readonly pointer: string;
  readonly isRelevant: Test | undefined;
  /** Undefined if no answer is required, or if that does not depend on other answers. */
  readonly isRequired: Test | undefined;
  readonly value: ((frame: Frame, at: At) => FactValue | undefined) | undefined;
  /** Whether the computed value is an instant. */
  readonly isTime: boolean;
  readonly inside: readonly Step[];
  /** The scope of a repeat. */
  readonly scope: Scope | undefined;
  readonly min: number;
};

type Outcome = {
  readonly faults: Fault[];
  /** The bytes of the computed values. */
  computed: number;
};

/**
 * Returns a function that completes the answers of a response: it computes the calculations, removes what is irrelevant
 * and empty, and finds the answers that are irrelevant, or missing and required.
 *
 * @returns undefined if nothing in the form depends on other answers
 */
export function compileRelevance(definition: FormDefinition): ((answers: Content, now: number) => Fault[]) | undefined {
  const { questions, scopes } = placesOf(definition.questions);
  const conditions = conditionsOf(definition.questions);
  const calculated = questions.filter(({ question }) => question.type === 'calculate').map(({ path }) => path);
  if (conditions.length === 0 && calculated.length === 0) return undefined;
  const facts = compileFacts(definition, [...calculated, ...conditions.flatMap(comparisonsOf).flatMap(factsOf)], {
    computed: true,
  });
  const steps = stepsOf(definition.questions, '', false, facts, new Map(scopes.map((scope) => [scope.path, scope])));
  return (answers, now) => {
    const outcome: Outcome = { faults: [], computed: 0 };
    complete(steps, answers, facts.read(answers, now), AT_ROOT, '', outcome);
    return outcome.faults;
  };
}

function conditionsOf(items: readonly Item[]): Condition[] {
  return items.flatMap((item) => [
    ...(item.relevant === undefined ? [] : [item.relevant]),
    ...(isSection(item) ? conditionsOf(item.questions) : typeof item.required === 'object' ? [item.required] : []),
  ]);
}

function stepsOf(
  items: readonly Item[],
  around: string,
  isConditional: boolean,
  facts: FactSet,
  scopes: ReadonlyMap<string, Scope>,
): Step[] {
  return items.flatMap((item): Step[] => {
    const path = joinPath(around, item.key);
    const isRelevant = item.relevant && compileHolds(item.relevant, facts);
    const dependsOnOthers = isConditional || isRelevant !== undefined;
    const inside = isSection(item) ? stepsOf(item.questions, path, dependsOnOthers, facts, scopes) : [];
    const min = item.type === 'repeat' && dependsOnOthers ? (item.min ?? 0) : 0;
    const step = {
      key: item.key,
      pointer: pointerTo(item.key),
      isRelevant,
      isRequired: isSection(item) ? undefined : requirementOf(item, dependsOnOthers, facts),
      value: item.type === 'calculate' ? facts.valueOf(path) : undefined,
      isTime: facts.kindOf(path) === TIME,
      inside,
      scope: scopes.get(path),
      min,
    };
    const isNeeded =
      isRelevant !== undefined || step.isRequired !== undefined || step.value !== undefined || inside.length > 0;
    return isNeeded || min > 0 ? [step] : [];
  });
}

function requirementOf({ required }: Question, dependsOnOthers: boolean, facts: FactSet): Test | undefined {
  if (typeof required === 'object') return compileHolds(required, facts);
  return required && dependsOnOthers ? () => true : undefined;
}

function complete(
  steps: readonly Step[],
  answers: Content,
  frame: Frame,
  at: At,
  pointer: string,
  outcome: Outcome,
): void {
  for (const step of steps) {
    const { key } = step;
    const here = pointer + step.pointer;
    if (step.isRelevant !== undefined && !step.isRelevant(frame, at)) {
      if (hasAnswers(answers, step)) {
        // A lenient reader keeps the answers, but not their calculations.
        outcome.faults.push({ pointer: here, detail: IRRELEVANT });
        removeCalculations(answerIn(answers, key), step.inside);
        continue;
      }
      Reflect.deleteProperty(answers, key);
      if (step.value !== undefined) Reflect.deleteProperty(answers, sentKey(key));
      continue;
    }
    if (step.value !== undefined) setComputed(answers, step, step.value(frame, at), outcome);
    else if (step.scope !== undefined) completeEntries(step, step.scope, answers, frame, at, here, outcome);
    else if (step.inside.length > 0) completeGroup(step, answers, frame, at, here, outcome);
    else if (isBlank(answerIn(answers, key)) && step.isRequired?.(frame, at)) {
      const detail = answerIn(answers, key) === undefined ? MISSING_ADVICE : BLANK_ADVICE;
      outcome.faults.push({ pointer: here, detail });
    }
  }
}

function completeGroup(
  { key, inside }: Step,
  answers: Content,
  frame: Frame,
  at: At,
  here: string,
  outcome: Outcome,
): void {
  const sent = answerIn(answers, key);
  const group = isContent(sent) ? sent : {};
  complete(inside, group, frame, at, here, outcome);
  if (Object.keys(group).length > 0) answers[key] = group;
  else Reflect.deleteProperty(answers, key);
}

function completeEntries(
  { key, inside, min }: Step,
  scope: Scope,
  answers: Content,
  frame: Frame,
  at: At,
  here: string,
  outcome: Outcome,
): void {
  const list = answerIn(answers, key);
  const entries: unknown[] = Array.isArray(list) ? list : [];
  if (entries.length < min) outcome.faults.push({ pointer: here, detail: `Send at least ${min} entries.` });
  const places = entriesIn(frame, scope, at);
  for (const [index, entry] of entries.entries()) {
    if (outcome.faults.length >= MAX_FAULTS) return;
    const place = places[index];
    if (place !== undefined && isContent(entry)) complete(inside, entry, frame, place, `${here}/${index}`, outcome);
  }
}

/** Removes computed values, because an irrelevant calculation has no value. */
function removeCalculations(content: unknown, steps: readonly Step[]): void {
  if (Array.isArray(content)) for (const entry of content) removeCalculations(entry, steps);
  if (!isContent(content)) return;
  for (const { key, value, inside } of steps) {
    if (value !== undefined) Reflect.deleteProperty(content, key);
    removeCalculations(answerIn(content, key), inside);
  }
}

export const IRRELEVANT =
  'Leave this out; the form asks it under a condition (`relevant`) that the other answers do not meet.';

/** A key may be the name of a member that JavaScript objects inherit. */
function answerIn(answers: Content, key: string): Content[string] | undefined {
  return Object.hasOwn(answers, key) ? answers[key] : undefined;
}

function isContent(value: unknown): value is Content {
  return isJsonObject(value);
}

function isBlank(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'string' && value.trim() === '') ||
    (Array.isArray(value) && value.length === 0)
  );
}

/** Whether there are answers to an item. What a device computed for a calculation does not count. */
function hasAnswers(answers: Content, { key, value, inside }: Step): boolean {
  const sent = answerIn(answers, key);
  if (value !== undefined || sent === undefined) return false;
  if (!isContent(sent)) return true;
  const steps = new Map(
    inside.flatMap((step) => [[step.key, step], ...(step.value ? [[sentKey(step.key), step] as const] : [])]),
  );
  return Object.keys(sent).some((member) => {
    const step = steps.get(member);
    return step === undefined || hasAnswers(sent, step);
  });
}

function storedForm(value: FactValue | undefined, isTime: boolean): Answer | undefined {
  if (typeof value === 'object') return 'has' in value ? [...value] : toAmount(value);
  return isTime && typeof value === 'string' ? withoutZeros(value) : value;
}

/**
 * Stores a computed value under the key that the reader has reserved for it. Values beyond the limit of bytes are left
 * out: the response has to fit a message of the write queue.
 */
function setComputed(answers: Content, { key, isTime }: Step, value: FactValue | undefined, outcome: Outcome): void {
  const stored = storedForm(value, isTime);
  if (stored !== undefined)
    outcome.computed += Buffer.byteLength(key) + Buffer.byteLength(textOf(stored)) + PUNCTUATION;
  if (stored === undefined || outcome.computed > LIMITS.computed_bytes) Reflect.deleteProperty(answers, key);
  else answers[key] = stored;
}

/** Four quotes, a colon and a comma. */
const PUNCTUATION = 6;
