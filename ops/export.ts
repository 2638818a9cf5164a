/** `npm run export -- TABLE [--to DIR]`: exports a table of a running stack and downloads its CSV. */
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { runExport } from './run-export.ts';
import { createProgress, type Progress } from '../local/progress.ts';
import { readRunningStack } from '../local/running-stack.ts';

const USAGE = 'Usage: npm run export -- TABLE [--to DIR] [--api URL] [--spreadsheet ID] [--csv-only]';

interface Options {
  table: string;
  folder: string;
  api: string;
  token: string | undefined;
  request: Record<string, unknown>;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      to: { type: 'string', default: '.' },
      api: { type: 'string' },
      spreadsheet: { type: 'string' },
      'csv-only': { type: 'boolean', default: false },
    },
  });
  const [table] = positionals;
  if (table === undefined || positionals.length > 1) throw new Error(USAGE);
  const request = {
    table_name: table,
    ...(values.spreadsheet !== undefined && { spreadsheet_id: values.spreadsheet }),
    ...(values['csv-only'] && { format: { csv: true, sheet: false } }),
  };
  const named = values.api ?? process.env['COLLECT_API'];
  // The token of the stack here is for the stack here.
  const { api, token } = named === undefined ? readRunningStack() : { api: named, token: undefined };
  return { table, folder: values.to, api, token: process.env['COLLECT_TOKEN'] ?? token, request };
}

async function download(url: string, folder: string, table: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`The CSV could not be fetched (${response.status}).`);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${table}.csv`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  return file;
}

async function main(): Promise<void> {
  const { table, folder, api, token, request } = readOptions();
  let progress: Progress | undefined;
  const status = await runExport(
    api,
    request,
    ({ rows_done: done, rows_total: total }) => {
      if (total === null) return;
      progress ??= createProgress(`exporting ${table}`, total);
      progress.update(done);
    },
    token === undefined ? {} : { authorization: `Bearer ${token}` },
  );
  progress?.finish();
  if (status.csv !== null) {
    const file = await download(status.csv.url, folder, table);
    console.log(`${status.csv.rows} rows, ${status.csv.bytes} bytes in ${file} (sha256 ${status.csv.sha256})`);
  }
  if (status.sheet !== null) console.log(`${status.sheet.rows} rows in the sheet ${status.sheet.url}`);
  if (status.error !== null) throw new Error(status.error);
}

/** fetch says no more than that it failed; its cause says why. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const refused = error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ECONNREFUSED';
  return refused ? 'No stack answers there: start one with npm start, or name one with --api URL.' : error.message;
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
