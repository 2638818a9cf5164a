/** `npm run export -- TABLE [--to DIR]`: exports a table of a running stack and downloads its files. */
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createProgress, type Progress } from '../local/progress.ts';
import { readRunningStack } from '../local/running-stack.ts';
import { UserError, runCommand } from '../local/user-error.ts';
import { runExport, type ExportStatus } from './run-export.ts';

const USAGE =
  'Usage: npm run export -- TABLE [--to DIR] [--api URL] [--spreadsheet ID] [--csv-only] [--ndjson] [--zip] [--names] [--option-columns] [--bom]';

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
      ndjson: { type: 'boolean', default: false },
      zip: { type: 'boolean', default: false },
      names: { type: 'boolean', default: false },
      'option-columns': { type: 'boolean', default: false },
      bom: { type: 'boolean', default: false },
    },
  });
  const [table] = positionals;
  if (table === undefined || positionals.length > 1) throw new UserError(USAGE);
  const request = {
    table_name: table,
    ...(values.spreadsheet !== undefined && { spreadsheet_id: values.spreadsheet }),
    format: { csv: true, sheet: !values['csv-only'], ndjson: values.ndjson, zip: values.zip },
    headers: values.names ? 'names' : 'labels',
    option_columns: values['option-columns'],
    bom: values.bom,
  };
  const named = values.api ?? process.env['COLLECT_API'];
  // The local stack's token is sent only to the local stack.
  const { api, token } = named === undefined ? readRunningStack() : { api: named, token: undefined };
  return { table, folder: values.to, api, token: process.env['COLLECT_TOKEN'] ?? token, request };
}

async function download(url: string, folder: string, name: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok || response.body === null)
    throw new UserError(`${name} could not be downloaded (${response.status}).`);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file));
  return file;
}

await runCommand(async () => {
  const { table, folder, api, token, request } = readOptions();
  let progress: Progress | undefined;
  const onProgress = ({ rows_done: done, rows_total: total }: ExportStatus): void => {
    if (total === null) return;
    progress ??= createProgress(`exporting ${table}`, total);
    progress.update(done);
  };
  const status = await runExport(api, token, request, onProgress);
  progress?.finish();
  for (const format of ['csv', 'ndjson', 'zip'] as const) {
    const written = status[format];
    if (written === null) continue;
    const file = await download(written.url, folder, `${table}.${format}`);
    console.log(
      `${written.rows} ${format === 'zip' ? 'files' : 'rows'}, ${written.bytes} bytes in ${file} (sha256 ${written.sha256})`,
    );
  }
  if (status.sheet !== null) console.log(`${status.sheet.rows} rows in the sheet ${status.sheet.url}`);
  if (status.error !== null) throw new UserError(status.error);
});
