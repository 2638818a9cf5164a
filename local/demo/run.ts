/** `npm run demo`: the main job from end to end, on a free port, with a temporary folder. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { databaseUrlFor } from '../database-url.ts';
import { runExport } from '../exports.ts';
import { createProgress } from '../progress.ts';
import { startStack, tokensOf, type Stack } from '../stack.ts';
import { postBatch, postResponse, type Api, type Result } from './client.ts';
import { correctHousehold, generateHouseholds, type Household } from './households.ts';

const HOUSEHOLDS = 1_000;
const SEED = 2026;
const BATCH = 100;
const SHOWN = 3;
const TABLE = 'household_finances';
const LINE_LENGTH = 150;
const SUMMARY_KEYS = ['accepted', 'flagged', 'unchanged', 'rejected'] as const;

interface Options {
  input: string | undefined;
  flags: string | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({ options: { input: { type: 'string' }, flags: { type: 'string' } } });
  return { input: values.input, flags: values.flags };
}

function readLines(input: string | undefined): string[] {
  if (input === undefined) return [...generateHouseholds(HOUSEHOLDS, SEED)].map((each) => JSON.stringify(each));
  return readFileSync(input, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}

async function collectAll(api: Api, label: string, lines: readonly string[]) {
  const progress = createProgress(label, lines.length);
  const results: Result[] = [];
  const summary = { accepted: 0, flagged: 0, unchanged: 0, rejected: 0 };
  for (let start = 0; start < lines.length; start += BATCH) {
    const answer = await postBatch(api, lines.slice(start, start + BATCH));
    results.push(...answer.results);
    for (const key of SUMMARY_KEYS) summary[key] += answer.summary[key];
    progress.update(results.length);
  }
  progress.finish();
  return { results, summary };
}

function printSummary(results: readonly Result[], summary: Record<string, number>): void {
  const counts = new Map<string, number>();
  for (const { rule } of results.flatMap((result) => result.flags ?? [])) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  console.log(
    `\naccepted ${summary['accepted']}, flagged ${summary['flagged']}, unchanged ${summary['unchanged']}, rejected ${summary['rejected']}`,
  );
  for (const [rule, count] of [...counts].toSorted(([a], [b]) => a.localeCompare(b)))
    console.log(`  ${rule} flagged ${count}`);
  const rejected = results.filter((result) => result.status === 'rejected').slice(0, SHOWN);
  for (const { response_id: id, problem } of rejected) {
    const faults = (problem?.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
    console.log(`  rejected ${id ?? '(no id)'}: ${problem?.title} ${faults.join(' ')}`);
  }
}

function printAsCollectorSees({ response_id: id, revision, flags }: Result): void {
  console.log(`\n  ${id} (revision ${revision}) came back:`);
  for (const flag of flags ?? []) console.log(`    ${flag.rule}: ${flag.message}`);
}

async function correctOne(api: Api, flagged: Result, lines: readonly string[]): Promise<void> {
  const line = lines.find((each) => JSON.parse(each).response_id === flagged.response_id);
  if (line === undefined) return;
  const household: Household = JSON.parse(line);
  const answer = await postResponse(api, correctHousehold(household));
  const history = await fetch(`${api.url}/responses/${encodeURIComponent(flagged.response_id ?? '')}/revisions`, {
    headers: authorization(api),
  });
  const { items }: { items: { revision: number; status: string }[] } = JSON.parse(await history.text());
  console.log(`\nThe collector asks again and corrects ${answer.response_id}: ${answer.status}.`);
  console.log(`  Its history: ${items.map((each) => `revision ${each.revision} ${each.status}`).join(', ')}`);
}

async function exportTable(api: Api): Promise<void> {
  const status = await runExport(api.url, { table_name: TABLE }, undefined, authorization(api));
  if (status.csv === null || status.sheet === null) throw new Error(status.error ?? 'The export made no file.');
  const text = await (await fetch(status.csv.url)).text();
  console.log(`\nExported ${status.csv.rows} rows of ${TABLE}:`);
  console.log(`  CSV    ${status.csv.url}`);
  console.log(`  sheet  ${status.sheet.url}`);
  for (const line of text.split('\r\n').slice(0, SHOWN)) console.log(`    ${line.slice(0, LINE_LENGTH)}...`);
}

function authorization({ token }: Api): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

async function demo(api: Api, { input, flags }: Options): Promise<void> {
  const lines = readLines(input);
  console.log(
    `Collect serves ${api.url}; ${lines.length} responses ${input === undefined ? 'made up' : `of ${input}`}.`,
  );
  const { results, summary } = await collectAll(api, 'sent', lines);
  printSummary(results, summary);
  if (flags !== undefined) {
    const rows = results.map((each) => `${each.response_id},${(each.flags ?? []).map((flag) => flag.rule).join(' ')}`);
    writeFileSync(flags, ['response_id,flags', ...rows, ''].join('\n'));
  }
  const flagged = results.filter((each) => each.status === 'flagged');
  console.log('\nWhat a collector sees of a flagged response:');
  for (const each of flagged.slice(0, SHOWN)) printAsCollectorSees(each);

  console.log();
  const again = await collectAll(api, 'sent again', lines);
  console.log(`unchanged ${again.summary.unchanged}: sending a response twice changes nothing.`);
  if (flagged[0] !== undefined) await correctOne(api, flagged[0], lines);
  await exportTable(api);
}

const options = readOptions();
const home = mkdtempSync(path.join(tmpdir(), 'collect-demo-'));
let stack: Stack | undefined;
const end = async (): Promise<void> => {
  await stack?.stop();
  rmSync(home, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void end().then(() => process.exit(130)));
try {
  stack = await startStack({
    templateFile: 'template.yaml',
    home,
    port: 0,
    databaseUrl: databaseUrlFor(process.env, home),
  });
  await demo({ url: stack.host.url, token: tokensOf(stack).manager }, options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await end();
}
