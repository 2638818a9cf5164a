/** Submissions of phones' apps: how many are stored per second, and how long reading a large submission takes. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { generateHouseholds } from '../demo/households.ts';
import { compileForm } from '../forms/compiled/compiled-form.ts';
import { isMetadata } from '../forms/definition/metadata.ts';
import { householdFinances } from '../forms/definition/household-finances.ts';
import { parseFormDefinition } from '../forms/definition/read-form.ts';
import type { FormDefinition } from '../forms/definition/form-definition.ts';
import { instanceOf } from '../forms/xforms/instance.ts';
import { readInstance } from '../forms/xforms/read-instance.ts';
import { parseXml } from '../forms/xforms/xml.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { sampleResponse } from '../tests/support/form-samples.ts';
import { SUBMISSION_HEADERS, submissionBody } from '../tests/support/submission-body.ts';
import { writeInstance } from '../tests/support/write-instance.ts';
import { columnsOfLoad, load, type Load } from './load.ts';
import { percentile, printTable } from './report.ts';
import { householdLoad } from './requests.ts';
import { withStack, type BenchDatabase, type BenchStack } from './stack.ts';

/**
 * Submissions a second that ODK Central stores in an empty table, by connections: measured on two cores, with
 * PostgreSQL.
 */
const CENTRAL = new Map([
  [1, 91],
  [8, 223],
  [32, 274],
]);
const REQUESTS = 2_000;
const WARM_UP_REQUESTS = 4_000;

const LARGE_QUESTIONS = 300;
const LARGE_RULES = 100;
const READINGS = 200;
/** Largest acceptable time to read and judge a submission of 300 questions, in milliseconds. */
const READING_MS = 15;

export async function benchOdk(server: ServerKind | undefined): Promise<void> {
  await benchReading();
  for (const database of ['sqlite', { server }] satisfies BenchDatabase[]) {
    await withStack(database, async (stack) => {
      const token = await deviceToken(stack);
      await load(submissionLoad(stack, token, 8, WARM_UP_REQUESTS));
      await load(householdLoad(stack, 8, WARM_UP_REQUESTS, 'warm-up'));
      const rows = [];
      for (const [connections, central] of CENTRAL) {
        const json = await load(householdLoad(stack, connections, REQUESTS, `beside-${connections}`));
        const result = await load(submissionLoad(stack, token, connections, REQUESTS));
        rows.push({
          database: stack.program,
          connections,
          ...columnsOfLoad(result),
          'of JSON requests': (result.perSecond / json.perSecond).toFixed(2),
          'ODK Central': central,
          'times Central': (result.perSecond / central).toFixed(1),
        });
      }
      printTable(`Submissions one by one on ${stack.program}`, rows);
    });
  }
}

async function deviceToken({ host, token }: BenchStack): Promise<string> {
  const reply = await fetch(`${host.url}/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ role: 'device', user_id: 'collector-1' }),
  });
  return z.object({ token: z.string() }).parse(await reply.json()).token;
}

function submissionLoad({ host }: BenchStack, token: string, connections: number, requests: number): Load {
  const map = instanceOf(householdFinances, 1);
  const households = generateHouseholds(requests, 3, 'submission');
  return {
    url: `${host.url}/odk/${token}/submission`,
    headers: SUBMISSION_HEADERS,
    bodies: Array.from(households, (household) =>
      submissionBody(writeInstance(map, household, { instanceId: `uuid:${randomUUID()}` })),
    ),
    connections,
  };
}

/** A third of the questions are numbers with a rule each, a third choices, and a third texts. */
function largeForm(): FormDefinition {
  const questions = Array.from({ length: LARGE_QUESTIONS }, (_, index) => {
    const name = `q${index}`;
    if (index % 3 === 0) return { name, type: 'decimal' };
    return index % 3 === 1 ? { name, type: 'select_one', options: ['yes', 'no', 'unknown'] } : { name, type: 'text' };
  });
  const rules = Array.from({ length: LARGE_RULES }, (_, index) => ({
    name: `Rule ${index}`,
    message: `{q${index * 3}} is much.`,
    conditions: { fact: `q${index * 3}`, operator: 'lessThan', value: 1_000 },
  }));
  const read = parseFormDefinition({ form_id: 'large', title: 'Large', questions, rules });
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.form;
}

async function benchReading(): Promise<void> {
  const definition = largeForm();
  const map = instanceOf(definition, 1);
  const form = compileForm(definition, 1);
  const answers = Object.fromEntries(
    definition.questions.map(({ key, type }, index) => [
      key,
      type === 'decimal' ? index + 0.5 : type === 'text' ? 'A text of some words' : 'yes',
    ]),
  );
  const xml = writeInstance(map, answers, { instanceId: 'uuid:1' });
  const metadata = Object.fromEntries(Object.entries(sampleResponse()).filter(([key]) => isMetadata(key)));
  const times: number[] = [];
  for (let reading = 0; reading < READINGS; reading += 1) {
    const start = performance.now();
    const content = readInstance(parseXml(xml, { maxDepth: 100, maxBytes: 4_000_000 }), map);
    const { submission, faults } = form.readLeniently({ ...metadata, ...content.answers });
    const flags = await form.rules.check(submission.response, { paths: submission.paths, now: Date.now() });
    times.push(performance.now() - start);
    if (faults.length > 0 || flags.length > 0) throw new Error('The large submission does not fit its form.');
  }
  printTable(
    `A submission of ${LARGE_QUESTIONS} questions (${xml.length} bytes), read and judged by ${LARGE_RULES} rules`,
    [
      row('the first in an environment', times[0] ?? NaN),
      row('median', percentile(times, 0.5)),
      row('95th percentile', percentile(times, 0.95)),
    ],
  );
}

function row(reading: string, milliseconds: number): Record<string, string> {
  return {
    reading,
    ms: milliseconds.toFixed(2),
    [`of ${READING_MS} ms`]: (milliseconds / READING_MS).toFixed(2),
  };
}
