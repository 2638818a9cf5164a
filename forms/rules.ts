import { Big } from 'big.js';
import { type Answer, type Answers, isAnswer } from './answer.ts';
import { comparisonsOf, factsOf } from './condition.ts';
import { compileFacts, type FactSet } from './facts.ts';
import { cutText, fitFlags, type Flag, MAX_FIGURE_BYTES, MAX_FLAGS_BYTES, MAX_MESSAGE_BYTES } from './flags.ts';
import { PLACES } from './form-checks.ts';
import type { FormDefinition } from './form-definition.ts';
import { compileEngine } from './rule-engine.ts';

/** The rules of one version of a form, ready to check responses. */
export type RuleChecker = {
  /**
   * Flags the rules that a response breaks, in the order of the definition.
   * A rule applies only if every question that it compares has an answer of the question's type; a stored answer from
   * before a question changed its type counts as absent. Long figures, messages and lists of flags are cut to the limits
   * of flags.ts. Checks may be called concurrently; they run one after the other.
   *
   * @param answers by question key, as submitted or as stored; only those that a rule uses are read
   */
  readonly check: (answers: Answers) => Promise<readonly Flag[]>;
  /** The same flags, and the names of the rules that do not apply because a stored answer is not of its question's type. */
  readonly inspect: (answers: Answers) => Promise<{ flags: readonly Flag[]; unreadable: string[] }>;
};

/**
 * Prepares a form's rules for checking.
 *
 * Numbers are exact decimals throughout: 0.1 + 0.2 is 0.3, and an inclusive bound accepts the number that equals it.
 *
 * @param definition as `parseFormDefinition` or `readStoredForm` returned it
 */
export function compileRules(definition: FormDefinition): RuleChecker {
  const compared = definition.rules.map(({ conditions }) => comparisonsOf(conditions).flatMap(factsOf));
  const facts = compileFacts(definition, compared.flat());
  const rules = definition.rules.map(({ name, message }, index) => {
    const questions = facts.questionsBehind(compared[index] ?? []);
    return { name, message, questions, needs: questions.map((key) => facts.names.indexOf(key)) };
  });
  const shown = compileFacts(
    definition,
    definition.rules.flatMap(({ message }) => placesOf(message)),
  );
  const derived = new Set(definition.facts.map(({ name }) => name));
  const failing = compileEngine(definition.rules, facts);

  const flagsOf = async (answers: Answers, values: Values): Promise<readonly Flag[]> => {
    const applicable = rules.filter(({ needs }) => needs.every((position) => values[position] !== undefined));
    if (applicable.length === 0) return [];
    const failed = await failing(values);
    const broken = applicable.filter(({ name }) => failed.has(name));
    if (broken.length === 0) return [];

    const figures = shown.read(answers);
    const figureOf = (fact: string) => {
      const figure = derived.has(fact) ? figures[shown.names.indexOf(fact)] : answers[fact];
      if (figure instanceof Big) return figure.toFixed();
      return isAnswer(figure) ? cutText(String(figure), MAX_FIGURE_BYTES) : 'no answer';
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

  const unreadableIn = (answers: Answers, values: Values): string[] => {
    const isUnreadable = (position: number) => {
      const key = facts.names[position] ?? '';
      return values[position] === undefined && Object.hasOwn(answers, key) && (answers[key] ?? null) !== null;
    };
    return rules.filter(({ needs }) => needs.some(isUnreadable)).map(({ name }) => name);
  };
  return Object.freeze({
    check: async (answers: Answers) => flagsOf(answers, facts.read(answers)),
    inspect: async (answers: Answers) => {
      const values = facts.read(answers);
      return { flags: await flagsOf(answers, values), unreadable: unreadableIn(answers, values) };
    },
  });
}

type Values = ReturnType<FactSet['read']>;

function placesOf(message: string): string[] {
  return [...message.matchAll(PLACES)].map(([, fact = '']) => fact);
}

function isAnswered(entry: unknown[]): entry is [string, Answer] {
  return isAnswer(entry[1]);
}
