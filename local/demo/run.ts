/** `npm run demo`: the main job from end to end, on a free port, with a temporary folder. `--keep` leaves it running. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { databaseUrlFor } from '../database-url.ts';
import { runExport } from '../../ops/run-export.ts';
import { createProgress } from '../progress.ts';
import { startStack, tokensOf, type Stack } from '../stack.ts';
import { signalToStop } from '../stop-signal.ts';
import { LOCAL_COLLECTOR } from '../tokens.ts';
import { postBatch, postResponse, type Api, type Result } from './client.ts';
import { correctHousehold, generateHouseholds, type Household } from './households.ts';

const HOUSEHOLDS = 1_000;
const SEED = 2026;
const BATCH = 100;
const SHOWN = 3;
const TABLE = 'household_finances';
const LINE_LENGTH = 150;
/** Keeps what was exported when the stack is gone. */
const FOLDER = path.resolve(process.env['COLLECT_HOME'] || '.local', 'demo');
const INTERRUPTED = 130;
const SUMMARY_KEYS = ['accepted', 'flagged', 'unchanged', 'rejected'] as const;

interface Options {
  input: string | undefined;
  flags: string | undefined;
  keep: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { input: { type: 'string' }, flags: { type: 'string' }, keep: { type: 'boolean', default: false } },
  });
  return { input: values.input, flags: values.flags, keep: values.keep };
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

/** Exports the table; keeps the CSV, and the sheet's page as a browser shows it. @returns the sheet's address */
async function exportTable(api: Api): Promise<string> {
  const { csv, sheet, error } = await runExport(api.url, { table_name: TABLE }, undefined, authorization(api));
  if (csv === null || sheet === null) throw new Error(error ?? 'The export made no file.');
  const text = await textAt(csv.url);
  mkdirSync(FOLDER, { recursive: true });
  const [csvFile, page] = [path.join(FOLDER, `${TABLE}.csv`), path.join(FOLDER, `${TABLE}.html`)];
  writeFileSync(csvFile, text);
  writeFileSync(page, await textAt(sheet.url));
  console.log(`\nExported ${csv.rows} rows of ${TABLE}; both files stay:`);
  console.log(`  CSV    ${csvFile}`);
  console.log(`  sheet  ${page}`);
  for (const line of text.split('\r\n').slice(0, SHOWN)) console.log(`    ${line.slice(0, LINE_LENGTH)}...`);
  return sheet.url;
}

async function textAt(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
  return answer.text();
}

function authorization({ token }: Api): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** @returns the address of the sheet that was exported */
async function demo(api: Api, { input, flags }: Options): Promise<string> {
  const lines = readLines(input);
  console.log(`${lines.length} responses ${input === undefined ? 'made up' : `of ${input}`}, sent to ${api.url}`);
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
  return exportTable(api);
}

function announce(stack: Stack, home: string, sheet: string): void {
  const { manager, collector } = tokensOf(stack);
  console.log(`\nCollect keeps running at ${stack.host.url}`);
  console.log(`  documentation      ${stack.host.url}/docs`);
  console.log(`  sheet              ${sheet}`);
  console.log(`  manager's token    ${manager}`);
  console.log(`  collector's token  ${collector} (of ${LOCAL_COLLECTOR})`);
  console.log(`  commands           COLLECT_HOME=${home} npm run export -- ${TABLE}`);
  console.log('Ctrl-C stops it, and removes what it stored.');
}

async function run(options: Options, home: string, stopping: Promise<void>): Promise<void> {
  const databaseUrl = databaseUrlFor(process.env, home);
  const stack = await startStack({ templateFile: 'template.yaml', home, port: 0, databaseUrl });
  try {
    const api = { url: stack.host.url, token: tokensOf(stack).manager };
    const interrupted = stopping.then(() => undefined);
    const sheet = await Promise.race([demo(api, options), interrupted]);
    if (sheet === undefined) process.exitCode = INTERRUPTED;
    else if (options.keep) {
      announce(stack, home, sheet);
      await stopping;
    }
  } finally {
    await stack.stop();
  }
}

const stopping = signalToStop();
const options = readOptions();
const home = mkdtempSync(path.join(tmpdir(), 'collect-demo-'));
try {
  await run(options, home, stopping);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
// What an interrupted demo had asked for is not waited for.
process.exit();
