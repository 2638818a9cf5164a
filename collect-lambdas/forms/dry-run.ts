/** Checks stored responses against proposed rules, without changing anything. */
import * as z from 'zod';
import type { ListPosition } from '../../db-proxy-lambda/contract.ts';
import type { Flag } from '../../forms/flags.ts';
import type { FormDefinition } from '../../forms/form-definition.ts';
import { compileRules } from '../../forms/rules.ts';
import type { ProxyAndRecorder } from '../shared/dependencies.ts';
import { Problem } from '../shared/problem.ts';
import { faultsOf } from '../shared/query.ts';
import { time } from '../shared/time.ts';

const PAGE = 1_000;
const EXAMPLES = 5;

/** API Gateway's limit is 30 seconds. A dry run that takes longer reports the responses checked so far. */
const TIME_LIMIT_MS = 20_000;

/** What one rule would flag. */
interface Tally {
  rule: string;
  flagged: number;
  /** Responses to which the rule does not apply because the type of a question has changed since. */
  unreadable: number;
  examples: ({ response_id: string } & Flag)[];
}

/** The body of POST /forms/{form_id}/dry-run. The rules are parsed later, together with their form. */
export const dryRunBody = z.strictObject({
  rules: z.array(z.unknown(), 'Send an array of rules.'),
  since: time.optional(),
});

/**
 * Parses the body of a dry run: `{"rules": [...], "since"?: time}`.
 *
 * @throws {Problem} 422 `invalid-form` with every fault
 */
export function readDryRun(body: Record<string, unknown>): z.infer<typeof dryRunBody> {
  const parsed = dryRunBody.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-form', { errors: faultsOf(parsed.error, Object.keys(dryRunBody.shape)) });
}

/**
 * Checks the last revision of every stored response of a form against proposed rules; erased responses are left out.
 *
 * @param since only responses saved at or after this time, UTC with milliseconds
 * @returns the number of responses `checked`, and how many of them at least one rule flags; `complete` is false if time
 * ran out before all were checked
 */
export async function dryRun({ dbProxy, now }: ProxyAndRecorder, proposed: FormDefinition, since: string | undefined) {
  const checker = compileRules(proposed);
  const tallies = new Map(
    proposed.rules.map(({ name }): [string, Tally] => [name, { rule: name, flagged: 0, unreadable: 0, examples: [] }]),
  );
  const deadline = now() + TIME_LIMIT_MS;
  let checked = 0;
  let flagged = 0;
  let after: ListPosition | undefined;
  do {
    const page = await dbProxy.call('listResponses', {
      form_id: proposed.form_id,
      updated_since: since,
      after,
      limit: PAGE,
    });
    for (const { response_id: responseId, status, response } of page.items) {
      if (status === 'erased') continue;
      const { flags, unreadable } = await checker.inspect(response);
      checked += 1;
      if (flags.length > 0) flagged += 1;
      for (const rule of unreadable) {
        const entry = tallies.get(rule);
        if (entry !== undefined) entry.unreadable += 1;
      }
      for (const flag of flags) {
        const entry = tallies.get(flag.rule);
        if (entry === undefined) continue;
        entry.flagged += 1;
        if (entry.examples.length < EXAMPLES) entry.examples.push({ response_id: responseId, ...flag });
      }
    }
    after = page.next ?? undefined;
  } while (after !== undefined && now() < deadline);
  return { form_id: proposed.form_id, checked, flagged, complete: after === undefined, rules: [...tallies.values()] };
}
