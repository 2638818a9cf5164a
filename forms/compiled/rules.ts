import { Big } from 'big.js';
import { type Answer, type Answers, isAnswer, textOf } from '../values/answer.ts';
import { comparisonsOf, factsOf, isPresence } from '../language/condition.ts';
import { compileFacts, type FactSet } from './facts.ts';
import { cutText, fitFlags, type Flag, MAX_FIGURE_BYTES, MAX_FLAGS_BYTES, MAX_MESSAGE_BYTES } from './flags.ts';
import { PLACEHOLDERS } from '../definition/form-checks.ts';
import type { FormDefinition } from '../definition/form-definition.ts';
import { type At, entriesOf, entryPointer, type Frame } from '../language/frame.ts';
import { TIME } from '../language/kinds.ts';
import { OPERATIONS } from '../language/operators.ts';
import { pathsOf } from '../definition/question-tree.ts';
import { rulesOf } from '../definition/rules-of.ts';
import { compileEngine } from './rule-engine.ts';
import { innermost, isWithin, ROOT } from '../language/scope.ts';
import { withoutZeros } from '../values/time.ts';

export type Circumstances = {
  /** The paths of the version with which the response was read; if omitted, the paths of the rules' version. */
  readonly paths?: ReadonlySet<string>;
  /** What `now` means: milliseconds since 1970; if omitted, the system's clock. */
  readonly now?: number;
};

/** The rules of one version of a form, ready to check responses. */
export type RuleChecker = {
  /**
   * Flags the rules that a response breaks, in the order of the definition.
   *
   * A rule applies only if every fact that it compares has a value. There is one exception: questions that the rule
   * asks `answered` or `notAnswered` of, and facts derived from these questions, may lack a value. Their other
   * comparisons are then unknown, and a rule whose conditions are unknown in Kleene's three-valued logic does not
   * apply.
   *
   * A rule does not apply if the type of one of its questions has changed since the answer was stored, or if the
   * response's form version lacks one of its questions. A rule over questions in a repeat is judged for each entry.
   *
   * Long figures, messages and lists of flags are cut to the limits of flags.ts. Checks may be called concurrently;
   * they run one after the other.
   *
   * @param answers by question key, as submitted or as stored; only answers that a rule uses are read
   */
  readonly check: (answers: Answers, circumstances?: Circumstances) => Promise<readonly Flag[]>;
  /**
   * Returns the same flags, and three lists of names: `applied`, the rules that apply; `broken`, the broken rules, even if
   * there is no room for their flags; `unreadable`, the rules that do not apply because a stored answer is not of its
   * question's type.
   */
  readonly inspect: (
    answers: Answers,
    circumstances?: Circumstances,
  ) => Promise<{ flags: readonly Flag[]; applied: string[]; broken: string[]; unreadable: string[] }>;
};

/**
 * Prepares a form's rules for checking.
 *
 * Numbers are exact decimals throughout: 0.1 + 0.2 is 0.3, and an inclusive bound accepts the number that equals it.
 *
 * @param definition as `parseFormDefinition` or `readStoredForm` returned it
 */
export function compileRules(definition: FormDefinition): RuleChecker {
  const keys = new Set(pathsOf(definition.questions));
  const all = rulesOf(definition);
  const facts = compileFacts(
    definition,
    all.flatMap(({ conditions, about }) => [...comparisonsOf(conditions).flatMap(factsOf), ...about]),
  );
  const unreadableAt = (source: string) => {
    const [answer, value] = [facts.answerOf(source), facts.valueOf(source)];
    return (frame: Frame, at: At) => (answer(frame, at) ?? null) !== null && value(frame, at) === undefined;
  };
  const answerAt = (source: string) => {
    const valueOf = facts.valueOf(source);
    return (frame: Frame, at: At) => {
      const value = valueOf(frame, at);
      return OPERATIONS.answered(value, undefined) ? value : undefined;
    };
  };
  const rules = all.map(({ name, message, conditions, about }, order) => {
    const compared = comparisonsOf(conditions);
    const named = [...compared.flatMap(factsOf), ...about];
    const asked = new Set(compared.filter(isPresence).map(({ fact }) => fact));
    const isExcepted = (source: string) => asked.size > 0 && !asked.isDisjointFrom(facts.dependsOn(source));
    const scope = innermost(named.map(facts.scopeOf)) ?? ROOT;
    const sources = facts.sourcesOf(named).filter((source) => keys.has(source));
    const needs = new Set(facts.neededBy(named).filter((source) => !isExcepted(source)));
    const isPlaced = (source: string) => isWithin(scope, facts.scopeOf(source));
    return {
      name,
      order,
      message,
      conditions,
      scope,
      questions: sources,
      needs: [...Array.from(needs, (source) => facts.valueOf(source)), ...about.map(answerAt)],
      /**
       * Each tests whether an answer that the rule compares in an entry is not of its question's type. Answers in
       * `needs` are not tested: with a value, they are readable.
       */
      unreadable: sources.filter((source) => isPlaced(source) && !needs.has(source)).map(unreadableAt),
      /** The questions in other repeats. An aggregate takes their answers in all entries. */
      inside: sources.filter((source) => !isPlaced(source)),
      figures: sources.filter(isPlaced).map((source) => [source, facts.answerOf(source)] as const),
    };
  });
  const judged = [...Map.groupBy(rules, ({ scope }) => scope)].map(([scope, own]) => ({
    scope,
    rules: own,
    failing: compileEngine(own, facts),
  }));
  const placed = all.flatMap(({ message }) => placeholdersIn(message));
  const shown = compileFacts(definition, placed);
  const derived = new Set(definition.facts.map(({ name }) => name));
  const figures = new Map(placed.map((fact) => [fact, figureOf(fact, shown, derived.has(fact))]));

  /** Whether any answer to a question is not of its type. Looks at each answer once, however many rules ask. */
  const unreadableIn = (frame: Frame) => {
    const found = new Map<string, boolean>();
    return (source: string): boolean => {
      const isUnreadable =
        found.get(source) ??
        entriesOf(frame, facts.scopeOf(source)).some((at) => isUnreadableAt.get(source)?.(frame, at));
      found.set(source, isUnreadable);
      return isUnreadable;
    };
  };
  const isUnreadableAt = new Map(
    Array.from(new Set(rules.flatMap(({ questions }) => questions)), (source) => [source, unreadableAt(source)]),
  );

  /** Runs the rules of each scope in each of its entries. */
  const judge = async (answers: Answers, known: ReadonlySet<string>, now: number) => {
    const frame = facts.read(answers, now);
    const isUnreadable = unreadableIn(frame);
    const broken: { rule: (typeof rules)[number]; at: At; count: number }[] = [];
    const applied = new Set<string>();
    const flaggedEntries = new Map<string, number>();
    for (const { scope, rules: own, failing } of judged) {
      const present = own.filter(
        (rule) => rule.questions.every((path) => known.has(path)) && !rule.inside.some(isUnreadable),
      );
      if (present.length === 0) continue;
      for (const at of entriesOf(frame, scope)) {
        const applicable = present.filter(
          (rule) =>
            rule.needs.every((value) => value(frame, at) !== undefined) &&
            !rule.unreadable.some((isUnreadableHere) => isUnreadableHere(frame, at)),
        );
        if (applicable.length === 0) continue;
        for (const { name } of applicable) applied.add(name);
        const failed = await failing(frame, at);
        for (const rule of applicable) {
          if (!failed.has(rule.name)) continue;
          const count = (flaggedEntries.get(rule.name) ?? 0) + 1;
          flaggedEntries.set(rule.name, count);
          if (count <= MAX_FLAGGED_ENTRIES) broken.push({ rule, at, count });
        }
      }
    }
    broken.sort((left, right) => left.rule.order - right.rule.order);
    return { frame, broken, applied, isUnreadable };
  };

  const flagsOf = (answers: Answers, { frame, broken }: Awaited<ReturnType<typeof judge>>): readonly Flag[] => {
    if (broken.length === 0) return [];
    const shownFrame = shown.read(answers, frame.now);
    // With more flags, each would have too little room for its message.
    const perRule = Math.max(1, Math.floor(MAX_FLAGS_OF_ENTRIES / new Set(broken.map(({ rule }) => rule)).size));
    const shownFlags = broken.filter(({ count }) => count <= perRule);
    const flags = shownFlags.map(({ rule, at }) => ({
      rule: rule.name,
      message: cutText(
        rule.message.replaceAll(PLACEHOLDERS, (place, fact: string) => figures.get(fact)?.(shownFrame, at) ?? place),
        MAX_MESSAGE_BYTES,
      ),
      ...(rule.scope.parent !== undefined && { entry: entryPointer(frame, rule.scope, at) }),
      questions: [...rule.questions],
      values: Object.fromEntries(rule.figures.map(([path, answer]) => [path, answer(frame, at)]).filter(isAnswered)),
    }));
    return fitFlags(flags, MAX_FLAGS_BYTES);
  };

  return Object.freeze({
    check: async (answers: Answers, { paths: known = keys, now = Date.now() }: Circumstances = {}) =>
      flagsOf(answers, await judge(answers, known, now)),
    inspect: async (answers: Answers, { paths: known = keys, now = Date.now() }: Circumstances = {}) => {
      const judgement = await judge(answers, known, now);
      const { applied, isUnreadable } = judgement;
      return {
        flags: flagsOf(answers, judgement),
        applied: [...applied],
        broken: [...new Set(judgement.broken.map(({ rule }) => rule.name))],
        unreadable: rules
          .filter((rule) => !applied.has(rule.name) && rule.questions.some(isUnreadable))
          .map(({ name }) => name),
      };
    },
  });
}

/** Max entries of a repeat for which one rule flags a response; others can be flagged when these are corrected. */
const MAX_FLAGGED_ENTRIES = 50;

/** Max flags of a response, if rules flag several entries each. If more rules are broken, each flags one entry. */
const MAX_FLAGS_OF_ENTRIES = 200;

/** Returns a function that writes a fact for a message. */
function figureOf(fact: string, shown: FactSet, isDerived: boolean): (frame: Frame, at: At) => string {
  const [answer, value] = [shown.answerOf(fact), shown.valueOf(fact)];
  const isTime = isDerived && shown.kindOf(fact) === TIME;
  return (frame, at) => {
    // A derived fact, or the number of an entry, has a value but no answer.
    const figure = answer(frame, at) ?? value(frame, at);
    if (figure instanceof Big) return figure.toFixed();
    if (typeof figure === 'string' && isTime) return withoutZeros(figure);
    return isAnswer(figure) ? cutText(textOf(figure), MAX_FIGURE_BYTES) : 'no answer';
  };
}

function placeholdersIn(message: string): string[] {
  return [...message.matchAll(PLACEHOLDERS)].map(([, fact = '']) => fact);
}

function isAnswered(entry: unknown[]): entry is [string, Answer] {
  return isAnswer(entry[1]);
}
