/** `npm run demo`: the main job from end to end, on a free port, in a temporary folder. `--keep` leaves it running. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runExport } from '../ops/run-export.ts';
import { createProgress } from '../local/progress.ts';
import { databaseUrlFor, homeFolder } from '../local/running-stack.ts';
import { startStack, tokensOf, type Stack } from '../local/stack.ts';
import { signalToStop } from '../local/stop-signal.ts';
import { formPageOf, LOCAL_COLLECTOR } from '../local/tokens.ts';
import { runCommand } from '../local/user-error.ts';
import { postBatch, postResponse, type Api, type Result } from './client.ts';
import { correctHousehold, generateHouseholds, type Household } from './households.ts';

const HOUSEHOLDS = 1_000;
const SEED = 2026;
const BATCH = 100;
const SHOWN = 3;
const TABLE = 'household_finances';
const LINE_LENGTH = 150;
/** Keeps the exported files after the demo. */
const FOLDER = path.join(homeFolder(), 'demo');
const INTERRUPTED = 130;
const SUMMARY_KEYS = ['accepted', 'flagged', 'unchanged', 'rejected'] as const;

interface Options {
  input?: string | undefined;
  flags?: string | undefined;
  keep: boolean;
}

function readLines(input: string | undefined): string[] {
  if (input === undefined) return [...generateHouseholds(HOUSEHOLDS, SEED)].map((each) => JSON.stringify(each));
  const lines = readFileSync(input, 'utf8').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '');
}

async function collectAll(api: Api, label: string, lines: readonly string[]) {
  const progress = createProgress(label, lines.length);
  const results: Result[] = [];
  const summary = { accepted: 0, flagged: 0, unchanged: 0, rejected: 0 };
  for (let start = 0; start < lines.length; start += BATCH) {
    const reply = await postBatch(api, lines.slice(start, start + BATCH));
    results.push(...reply.results);
    for (const key of SUMMARY_KEYS) summary[key] += reply.summary[key];
    progress.update(results.length);
  }
  progress.finish();
  return { results, summary };
}

function printSummary(results: readonly Result[], summary: Record<string, number>): void {
  console.log(`\n${SUMMARY_KEYS.map((key) => `${key} ${summary[key]}`).join(', ')}`);
  const rules = Map.groupBy(
    results.flatMap(({ flags = [] }) => flags),
    ({ rule }) => rule,
  );
  for (const [rule, { length }] of [...rules].toSorted(([a], [b]) => a.localeCompare(b))) {
    console.log(`  ${rule} flagged ${length}`);
  }
  const rejected = results.filter(({ status }) => status === 'rejected').slice(0, SHOWN);
  for (const { response_id: id, problem } of rejected) {
    const faults = (problem?.errors ?? []).map(({ pointer, detail }) => `${pointer}: ${detail}`);
    console.log(`  rejected ${id ?? '(no id)'}: ${problem?.title} ${faults.join(' ')}`);
  }
}

async function correctOne(api: Api, flagged: Result, lines: readonly string[]): Promise<void> {
  const line = lines.find((each) => JSON.parse(each).response_id === flagged.response_id);
  if (line === undefined) return;
  const household: Household = JSON.parse(line);
  const corrected = await postResponse(api, correctHousehold(household));
  const history = await get(`${api.url}/responses/${encodeURIComponent(flagged.response_id ?? '')}/revisions`, api);
  const { items }: { items: { revision: number; status: string }[] } = JSON.parse(history);
  console.log(`\nThe collector asks again and corrects ${corrected.response_id}: ${corrected.status}.`);
  console.log(`  Its history: ${items.map((each) => `revision ${each.revision} ${each.status}`).join(', ')}`);
}

/** Exports the table and saves the CSV and the sheet's page. @returns the sheet's address */
async function exportTable(api: Api): Promise<string> {
  const { csv, sheet, error } = await runExport(api.url, api.token, { table_name: TABLE });
  if (csv === null || sheet === null) throw new Error(error ?? 'The export made no file.');
  const text = await get(csv.url);
  mkdirSync(FOLDER, { recursive: true });
  const [csvFile, page] = [path.join(FOLDER, `${TABLE}.csv`), path.join(FOLDER, `${TABLE}.html`)];
  writeFileSync(csvFile, text);
  writeFileSync(page, await get(sheet.url));
  console.log(`\nExported ${csv.rows} rows of ${TABLE}; both files stay:`);
  console.log(`  CSV    ${csvFile}`);
  console.log(`  sheet  ${page}`);
  for (const line of text.split('\r\n').slice(0, SHOWN)) console.log(`    ${line.slice(0, LINE_LENGTH)}...`);
  return sheet.url;
}

async function get(url: string, api?: Api): Promise<string> {
  const response = await fetch(url, api === undefined ? {} : { headers: { authorization: `Bearer ${api.token}` } });
  if (!response.ok) throw new Error(`${url} replied ${response.status}.`);
  return response.text();
}

/** @returns the address of the exported sheet */
async function demo(api: Api, { input, flags }: Options): Promise<string> {
  const lines = readLines(input);
  console.log(`${lines.length} responses ${input === undefined ? 'made up' : `of ${input}`}, sent to ${api.url}`);
  const { results, summary } = await collectAll(api, 'sent', lines);
  printSummary(results, summary);
  if (flags !== undefined) {
    const rows = results.map((each) => `${each.response_id},${(each.flags ?? []).map(({ rule }) => rule).join(' ')}`);
    writeFileSync(flags, ['response_id,flags', ...rows, ''].join('\n'));
  }
  const flagged = results.filter(({ status }) => status === 'flagged');
  console.log('\nWhat a collector sees of a flagged response:');
  for (const { response_id: id, revision, flags: found = [] } of flagged.slice(0, SHOWN)) {
    console.log(`\n  ${id} (revision ${revision}) came back:`);
    for (const { rule, message } of found) console.log(`    ${rule}: ${message}`);
  }
  console.log();
  const again = await collectAll(api, 'sent again', lines);
  console.log(`unchanged ${again.summary.unchanged}: sending a response twice changes nothing.`);
  if (flagged[0] !== undefined) await correctOne(api, flagged[0], lines);
  return exportTable(api);
}

function announce(stack: Stack, home: string, sheet: string): void {
  const tokens = tokensOf(stack);
  console.log(`\nCollect keeps running at ${stack.host.url}`);
  console.log(`  console            ${stack.host.url}/console/`);
  console.log(`  form page          ${formPageOf(stack.host.url, tokens)}`);
  console.log(`  documentation      ${stack.host.url}/docs`);
  console.log(`  sheet              ${sheet}`);
  console.log(`  manager's token    ${tokens.manager}`);
  console.log(`  collector's token  ${tokens.collector} (of ${LOCAL_COLLECTOR})`);
  console.log(`  commands           COLLECT_HOME=${home} npm run export -- ${TABLE}`);
  console.log('Ctrl-C stops it and removes what it stored.');
}

async function runDemo(options: Options, home: string, stopping: Promise<void>): Promise<void> {
  const databaseUrl = databaseUrlFor(process.env, home);
  const stack = await startStack({ templateFile: 'template.yaml', home, port: 0, databaseUrl });
  try {
    const api = { url: stack.host.url, token: tokensOf(stack).manager };
    const sheet = await Promise.race([demo(api, options), stopping]);
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
await runCommand(async () => {
  const { values: options } = parseArgs({
    options: { input: { type: 'string' }, flags: { type: 'string' }, keep: { type: 'boolean', default: false } },
  });
  const home = mkdtempSync(path.join(tmpdir(), 'collect-demo-'));
  try {
    await runDemo(options, home, stopping);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
// An interrupted demo does not wait for its requests.
process.exit();
