import { Big } from 'big.js';
import { type Answer, type Answers, isAnswer, textOf } from './answer.ts';
import { comparisonsOf, factsOf, isPresence } from './condition.ts';
import { compileFacts, type FactSet } from './facts.ts';
import { cutText, fitFlags, type Flag, MAX_FIGURE_BYTES, MAX_FLAGS_BYTES, MAX_MESSAGE_BYTES } from './flags.ts';
import { PLACES } from './form-checks.ts';
import type { FormDefinition } from './form-definition.ts';
import { TIME } from './kinds.ts';
import { compileEngine } from './rule-engine.ts';

export type Circumstances = {
  /** The keys of the version with which the response was read; those of the rules' version, if omitted. */
  readonly keys?: ReadonlySet<string>;
  /** What `now` means: milliseconds since 1970; the system's clock, if omitted. */
  readonly now?: number;
};

/** The rules of one version of a form, ready to check responses. */
export type RuleChecker = {
  /**
   * Flags the rules that a response breaks, in the order of the definition.
   *
   * A rule applies only if every fact that it compares has a value. There is one exception: questions that the rule asks
   * `answered` or `notAnswered` of, and facts derived from these questions, may lack a value. Their other comparisons are
   * then unknown, and a rule whose conditions are unknown in Kleene's three-valued logic does not apply.
   *
   * A rule does not apply if the type of one of its questions has changed since the answer was stored, or if the response's
   * form version lacks one of its questions.
   *
   * Long figures, messages and lists of flags are cut to the limits of flags.ts. Checks may be called concurrently; they
   * run one after the other.
   *
   * @param answers by question key, as submitted or as stored; only those that a rule uses are read
   */
  readonly check: (answers: Answers, circumstances?: Circumstances) => Promise<readonly Flag[]>;
  /**
   * The same flags, the names of the rules that apply, and of those that do not apply because a stored answer is not of
   * its question's type.
   */
  readonly inspect: (
    answers: Answers,
    circumstances?: Circumstances,
  ) => Promise<{ flags: readonly Flag[]; applied: string[]; unreadable: string[] }>;
};

/**
 * Prepares a form's rules for checking.
 *
 * Numbers are exact decimals throughout: 0.1 + 0.2 is 0.3, and an inclusive bound accepts the number that equals it.
 *
 * @param definition as `parseFormDefinition` or `readStoredForm` returned it
 */
export function compileRules(definition: FormDefinition): RuleChecker {
  const comparisons = definition.rules.map(({ conditions }) => comparisonsOf(conditions));
  const facts = compileFacts(definition, comparisons.flat().flatMap(factsOf));
  const keys = new Set(definition.questions.map(({ key }) => key));
  const rules = definition.rules.map(({ name, message }, index) => {
    const compared = comparisons[index] ?? [];
    const sources = facts.sourcesOf(compared.flatMap(factsOf));
    const asked = new Set(compared.filter(isPresence).map(({ fact }) => fact));
    const isExcepted = (source: string) => asked.size > 0 && facts.sourcesOf([source]).some((key) => asked.has(key));
    return {
      name,
      message,
      questions: sources.filter((source) => keys.has(source)),
      asked: [...asked],
      needs: sources.filter((source) => !isExcepted(source)).map((source) => facts.names.indexOf(source)),
    };
  });
  const shown = compileFacts(
    definition,
    definition.rules.flatMap(({ message }) => placesOf(message)),
  );
  const derived = new Set(definition.facts.map(({ name }) => name));
  const failing = compileEngine(definition.rules, facts);

  const isUnreadable = (key: string, answers: Answers, values: Values) =>
    (Object.hasOwn(answers, key) ? (answers[key] ?? null) : null) !== null &&
    values[facts.names.indexOf(key)] === undefined;

  const applicableTo = (answers: Answers, values: Values, known: ReadonlySet<string>) =>
    rules.filter(
      ({ needs, asked }) =>
        needs.every((position) => values[position] !== undefined) &&
        asked.every((key) => known.has(key) && !isUnreadable(key, answers, values)),
    );

  const flagsOf = async (
    answers: Answers,
    values: Values,
    applicable: typeof rules,
    now: number,
  ): Promise<readonly Flag[]> => {
    if (applicable.length === 0) return [];
    const failed = await failing(values);
    const broken = applicable.filter(({ name }) => failed.has(name));
    if (broken.length === 0) return [];

    const figures = shown.read(answers, now);
    const figureOf = (fact: string) => {
      const figure = derived.has(fact) ? figures[shown.names.indexOf(fact)] : answers[fact];
      if (figure instanceof Big) return figure.toFixed();
      if (typeof figure === 'string' && derived.has(fact) && shown.kindOf(fact) === TIME) return withoutZeros(figure);
      return isAnswer(figure) ? cutText(textOf(figure), MAX_FIGURE_BYTES) : 'no answer';
    };
    const flags = broken.map(({ name, message, questions }) => ({
      rule: name,
      message: cutText(
        message.replaceAll(PLACES, (_place, fact: string) => figureOf(fact)),
        MAX_MESSAGE_BYTES,
      ),
      questions: [...questions],
      values: Object.fromEntries(questions.map((key) => [key, answers[key]]).filter(isAnswered)),
    }));
    return fitFlags(flags, MAX_FLAGS_BYTES);
  };

  const unreadableIn = (answers: Answers, values: Values): string[] =>
    rules
      .filter(({ questions }) => questions.some((key) => isUnreadable(key, answers, values)))
      .map(({ name }) => name);
  return Object.freeze({
    check: async (answers: Answers, { keys: known = keys, now = Date.now() }: Circumstances = {}) => {
      const values = facts.read(answers, now);
      return flagsOf(answers, values, applicableTo(answers, values, known), now);
    },
    inspect: async (answers: Answers, { keys: known = keys, now = Date.now() }: Circumstances = {}) => {
      const values = facts.read(answers, now);
      const applicable = applicableTo(answers, values, known);
      return {
        flags: await flagsOf(answers, values, applicable, now),
        applied: applicable.map(({ name }) => name),
        unreadable: unreadableIn(answers, values),
      };
    },
  });
}

type Values = ReturnType<FactSet['read']>;

/** An instant without the zeros at the end of its fraction. */
function withoutZeros(instant: string): string {
  return instant.replace(/\.?0+Z$/, 'Z');
}

function placesOf(message: string): string[] {
  return [...message.matchAll(PLACES)].map(([, fact = '']) => fact);
}

function isAnswered(entry: unknown[]): entry is [string, Answer] {
  return isAnswer(entry[1]);
}
