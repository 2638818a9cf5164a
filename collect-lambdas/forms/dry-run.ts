/** Checks stored responses and a sample against a proposed form, without changing anything. */
import * as z from 'zod';
import type { StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { pointerTo } from '../../forms/values/fault.ts';
import type { Flag } from '../../forms/compiled/flags.ts';
import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { withProposal } from '../../forms/definition/read-form.ts';
import type { RuleChecker } from '../../forms/compiled/rules.ts';
import { rulesOf } from '../../forms/definition/rules-of.ts';
import type { ProxyAndRecorder } from '../shared/dependencies.ts';
import { Problem } from '../shared/problem.ts';
import { faultsOf } from '../shared/query.ts';
import { createStoredCheck, readStored } from '../shared/stored-responses.ts';
import { time } from '../shared/time.ts';
import { readDefinition } from '../shared/read-definition.ts';

const PAGE = 1_000;
const EXAMPLES = 5;
const MAX_COLLECTORS = 50;

/** API Gateway's limit is 30 seconds. A dry run that takes longer than this reports the responses checked so far. */
const TIME_LIMIT_MS = 20_000;

/** The effect of one rule. */
interface Tally {
  rule: string;
  flagged: number;
  /** Responses to which the rule applies. */
  checked: number;
  /** Responses to which it does not apply, because they lack an answer that it needs. */
  not_applicable: number;
  /** Responses to which it does not apply, because the type of a question has changed since. */
  unreadable: number;
  examples: ({ response_id: string } & Flag)[];
}

/** The effect of all rules together on the responses of one collector. */
interface CollectorTally {
  user_id: string;
  checked: number;
  flagged: number;
}

/** The body of POST /forms/{form_id}/dry-run. The parts of the form are read later, together. */
export const dryRunBody = z.strictObject({
  rules: z.array(z.unknown(), 'Send an array of rules.').optional(),
  facts: z.array(z.unknown(), 'Send an array of derived facts.').optional(),
  definition: z.record(z.string(), z.unknown(), 'Send a definition, as for PUT /forms/{form_id}.').optional(),
  sample: z.record(z.string(), z.unknown(), 'Send a response as a JSON object.').optional(),
  since: time.optional(),
});

const body = dryRunBody.superRefine(({ rules, facts, definition }, context) => {
  const fault = (message: string) => context.addIssue({ code: 'custom', path: ['definition'], message });
  if (definition === undefined && rules === undefined && facts === undefined) {
    fault('Send a definition, rules or facts to try.');
  }
  if (definition !== undefined && (rules !== undefined || facts !== undefined)) {
    fault('Send the rules and facts in the definition, or leave it out.');
  }
});

/**
 * Parses the body of a dry run.
 *
 * @throws {Problem} 422 `invalid-form` with every fault
 */
export function readDryRun(sent: Record<string, unknown>): z.infer<typeof dryRunBody> {
  const parsed = body.safeParse(sent);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-form', { errors: faultsOf(parsed.error, Object.keys(dryRunBody.shape)) });
}

/**
 * The form that a dry run proposes: the sent definition, or the stored form with the sent rules and facts.
 *
 * @throws {Problem} 422 `invalid-form` with every fault
 */
export function readProposed(
  stored: StoredForm,
  { definition, rules, facts }: z.infer<typeof dryRunBody>,
): FormDefinition {
  const result =
    definition === undefined
      ? withProposal(stored.definition, { ...(rules && { rules }), ...(facts && { facts }) })
      : readDefinition(stored.form_id, definition);
  if (result.ok) return result.form;
  const place = definition === undefined ? '' : pointerTo('definition');
  throw new Problem('invalid-form', {
    errors: result.errors.map(({ pointer, detail }) => ({ pointer: place + pointer, detail })),
  });
}

/** The result of sending a response under the proposed form: its flags, or the faults of its shape. */
export async function trySample(
  { now }: ProxyAndRecorder,
  { readSubmission, rules }: Pick<CompiledForm, 'readSubmission' | 'rules'>,
  sample: unknown,
) {
  const read = readSubmission(sample);
  if (!read.ok) return { status: 'refused' as const, errors: read.errors };
  const flags = await rules.check(read.submission.response, { now: now() });
  return { status: flags.length === 0 ? ('accepted' as const) : ('flagged' as const), flags };
}

/**
 * Checks the last revision of every stored response of a form against the rules of a proposed form; erased responses are
 * left out.
 *
 * @param checker the rules of the proposed form
 * @param since only responses saved at or after this time, UTC with milliseconds
 * @returns the number of responses `checked`, and how many of them at least one rule flags: in total, and for each of the
 * worst collectors. `complete` is false if time ran out before all were checked
 */
export async function dryRun(
  { dbProxy, now }: ProxyAndRecorder,
  proposed: FormDefinition,
  checker: RuleChecker,
  since: string | undefined,
) {
  const tallies = new Map(
    rulesOf(proposed).map(({ name }): [string, Tally] => [
      name,
      { rule: name, flagged: 0, checked: 0, not_applicable: 0, unreadable: 0, examples: [] },
    ]),
  );
  const collectors = new Map<string, CollectorTally>();
  const deadline = now() + TIME_LIMIT_MS;
  let checked = 0;
  let flagged = 0;
  let isComplete = false;
  const check = createStoredCheck(dbProxy, proposed.form_id, checker);
  for await (const { items, next } of readStored(dbProxy, { form_id: proposed.form_id, since, limit: PAGE })) {
    let isLate = false;
    for (const stored of items) {
      const time = now();
      isLate = time > deadline;
      if (isLate) break;
      const { flags, applied, broken, unreadable } = await check(stored, time);
      checked += 1;
      const collector = collectors.get(stored.user_id) ?? { user_id: stored.user_id, checked: 0, flagged: 0 };
      collectors.set(stored.user_id, collector);
      collector.checked += 1;
      if (flags.length > 0) {
        flagged += 1;
        collector.flagged += 1;
      }
      for (const rule of applied) count(tallies.get(rule), 'checked');
      for (const rule of unreadable) count(tallies.get(rule), 'unreadable');
      for (const rule of broken) {
        const tally = tallies.get(rule);
        count(tally, 'flagged');
        // A rule over a repeat may flag several entries of one response.
        const flag = flags.find((each) => each.rule === rule);
        if (flag !== undefined && tally !== undefined && tally.examples.length < EXAMPLES) {
          tally.examples.push({ response_id: stored.response_id, ...flag });
        }
      }
    }
    isComplete = next === null && !isLate;
    if (now() > deadline) break;
  }
  const rules = [...tallies.values()];
  for (const tally of rules) tally.not_applicable = checked - tally.checked - tally.unreadable;
  return {
    form_id: proposed.form_id,
    checked,
    flagged,
    complete: isComplete,
    rules,
    by_collector: worstOf(collectors),
  };
}

/** The collectors with the largest share of flagged responses first; of equal shares, the one with more responses. */
function worstOf(collectors: ReadonlyMap<string, CollectorTally>): CollectorTally[] {
  const share = ({ checked, flagged }: CollectorTally) => flagged / checked;
  const worstFirst = (one: CollectorTally, other: CollectorTally) =>
    share(other) - share(one) || other.checked - one.checked || (one.user_id < other.user_id ? -1 : 1);
  return [...collectors.values()].toSorted(worstFirst).slice(0, MAX_COLLECTORS);
}

function count(tally: Tally | undefined, what: 'flagged' | 'checked' | 'unreadable'): void {
  if (tally !== undefined) tally[what] += 1;
}
