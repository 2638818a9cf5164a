/**
 * Times two ways of exporting 100,000 and 1,000,000 responses from MySQL or MariaDB to CSV: by Collect, from the request
 * to the finished S3 object, and by mysql2 alone.
 */
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createConnection, type RowDataPacket } from 'mysql2';
import { householdFinances } from '../forms/definition/household-finances.ts';
import { fieldsOf } from '../forms/definition/metadata.ts';
import { runExport } from '../ops/run-export.ts';
import { insertRows, openRaw } from './raw-inserts.ts';
import { peakMegabytes } from './memory.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { best, printTable, seconds } from './report.ts';
import { incomingResponses, pieces } from './samples.ts';
import { withStack, type BenchStack } from './stack.ts';

const SIZES = [100_000, 1_000_000];
const RUNS = 3;
/** Rows to export before the measurement, so that the JIT compiles the functions. Larger tables need no such run. */
const WARM_UP_ROWS = 500_000;
const ROWS_PER_STATEMENT = 500;
/** Responses that are generated and stored together, to limit memory. */
const FILL_BATCH = 10_000;
const TABLE = 'household_finances';
const FUNCTIONS = ['SheetsFunction', 'DbProxyFunction'];

/** Adds responses until the table holds `count`. */
async function fill({ databaseUrl }: BenchStack, from: number, count: number): Promise<void> {
  const pool = openRaw(databaseUrl, 2);
  for (let made = from; made < count; made += FILL_BATCH) {
    const batches = pieces(incomingResponses(FILL_BATCH, `bench-${made}`), ROWS_PER_STATEMENT);
    for (const pair of pieces(batches, 2)) await Promise.all(pair.map((batch) => insertRows(pool, batch)));
  }
  await pool.end();
}

/** The baseline: one query, whose rows stream into a CSV file. */
async function rawExport(url: string, file: string): Promise<void> {
  const keys = fieldsOf(householdFinances).map((field) => field.key);
  const connection = createConnection({ uri: url, charset: 'utf8mb4', jsonStrings: true });
  const rows = connection
    .query<RowDataPacket[]>(
      'select revision, status, flags, form_version, updated_at, response from responses order by id',
    )
    .stream({ highWaterMark: 1_000 });
  await pipeline(rows, toCsv(keys), createWriteStream(file));
  connection.end();
  await once(connection, 'end');
}

function toCsv(keys: readonly string[]) {
  return async function* (rows: Readable): AsyncGenerator<string> {
    let text = '';
    for await (const row of rows) {
      const response: Record<string, string | number> = JSON.parse(row.response);
      for (const key of keys) text += `${quote(response[key])},`;
      text += `${row.revision},${row.status},${quote(row.flags)},${row.form_version},${row.updated_at}\r\n`;
      if (text.length < 65_536) continue;
      yield text;
      text = '';
    }
    yield text;
  };
}

function quote(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @returns the seconds from the request to the export's `finished_at` */
async function exportOnce({ host, token }: BenchStack, rows: number): Promise<number> {
  const asked = Date.now();
  const ended = await runExport(host.url, token, { table_name: TABLE, format: { csv: true, sheet: false } });
  if (ended.status !== 'succeeded' || ended.csv?.rows !== rows) throw new Error(`The export ended: ${ended.error}`);
  return (Date.parse(ended.finished_at ?? '') - asked) / 1_000;
}

/** The peak memory of each function's process in MB; undefined without /proc. */
function peaks({ host }: BenchStack): Record<string, number | undefined> {
  return Object.fromEntries(
    FUNCTIONS.map((id) => {
      const name = host.model.functions.find((fn) => fn.id.endsWith(id))?.name ?? '';
      return [id, peakMegabytes(host, name)];
    }),
  );
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(stack: BenchStack, rows: number) {
  const file = path.join(tmpdir(), `collect-bench-${process.pid}.csv`);
  const baseline = await best(RUNS, () => rawExport(stack.databaseUrl, file));
  rmSync(file);
  // Starts new processes for each size, because a process's peak memory never falls.
  for (const { name } of stack.host.model.functions) await stack.host.functions.kill(name);
  for (let exported = rows; exported < WARM_UP_ROWS; exported += rows) await exportOnce(stack, rows);
  const runs: number[] = [];
  while (runs.length < RUNS) runs.push(await exportOnce(stack, rows));
  return { rows, baseline, seconds: Math.min(...runs), peaks: peaks(stack) };
}

function report(program: string, all: readonly Measured[]): void {
  printTable(
    `${TABLE} on ${program} to CSV`,
    all.flatMap(({ rows, baseline, seconds: took }) => [
      { what: 'mysql2, streamed to a file', ...rates(rows, baseline) },
      { what: 'export, request to object', ...rates(rows, took), ratio: (baseline / took).toFixed(2) },
    ]),
  );
  const [small, large] = all;
  if (small === undefined || large === undefined) return;
  const costs = large.seconds / large.rows / (small.seconds / small.rows);
  console.log(`A row costs ${costs.toFixed(2)} times as much at ${large.rows} as at ${small.rows}.`);
  for (const id of FUNCTIONS) {
    const [before, after] = [small.peaks[id], large.peaks[id]];
    console.log(
      before === undefined || after === undefined
        ? `${id}: peak memory unknown, because this system has no /proc.`
        : `${id}: peak of ${before.toFixed(0)} MB at ${small.rows} rows, ${after.toFixed(0)} MB at ${large.rows}.`,
    );
  }
}

function rates(rows: number, took: number) {
  return { rows, 'rows/s': Math.round(rows / took), 'µs/row': ((took * 1_000_000) / rows).toFixed(1) };
}

export function benchExports(server: ServerKind | undefined): Promise<boolean> {
  return withStack({ server }, async (stack) => {
    const all: Measured[] = [];
    let stored = 0;
    for (const rows of SIZES) {
      const took = await seconds(() => fill(stack, stored, rows));
      console.log(`${rows - stored} responses stored in ${took.toFixed(0)} s`);
      stored = rows;
      all.push(await measure(stack, rows));
    }
    report(stack.program, all);
  });
}
