/**
 * `npm run import-metrics -- FILE...` sends metrics from files to the ingest function; with `--sample` it sends
 * generated metrics. It calls the running local stack, or with `--function NAME` a deployed function, with your AWS
 * credentials.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Ingest } from '../collect-lambdas/metrics-ingest/handler.ts';
import { readReply } from '../collect-lambdas/metrics-ingest/rows.ts';
import { localClientOptions } from '../local/local-aws.ts';
import { readRunningStack } from '../local/running-stack.ts';
import { UserError, runCommand } from '../local/user-error.ts';
import { sampleMetrics } from './sample-metrics.ts';

const USAGE = `Usage: npm run import-metrics -- [--function NAME] (--sample | FILE...)

  FILE             rows in the shape of the HungerMap API: {"statusCode": "200", "body": [...]}, or the list itself
  --sample         generated rows for a first look, marked SAMPLE
  --function NAME  a deployed ingest function; by default that of the local stack`;

/** The local stack's name, and the function's logical id. */
const LOCAL_FUNCTION = 'collect-MetricsIngestFunction';

/** Lambda's limit is 6 MB. */
const CHUNK_BYTES = 4_000_000;

interface Target {
  client: LambdaClient;
  functionName: string;
}

function readNamed(name: string, read: () => unknown[]): unknown[] {
  try {
    return read();
  } catch (error) {
    throw new UserError(`${name}: ${error instanceof Error ? error.message : 'it cannot be read.'}`);
  }
}

async function importRows(target: Target, name: string, rows: readonly unknown[]): Promise<void> {
  const total = { rows: 0, changed: 0, unchanged: 0, rejected: 0 };
  for (const chunk of toChunks(rows)) {
    const ingest = await invoke(target, chunk);
    if (!ingest.ok) throw new UserError(`${name}: ${ingest.reason}`);
    for (const { index, errors } of ingest.first_rejected) {
      const faults = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
      console.error(`${name}: row ${total.rows + index} was rejected. ${faults}`);
    }
    total.rows += ingest.rows;
    total.changed += ingest.changed;
    total.unchanged += ingest.unchanged;
    total.rejected += ingest.rejected;
  }
  console.log(
    `${name}: ${total.rows} rows, ${total.rejected} rejected; ${total.changed} values saved, ${total.unchanged} unchanged.`,
  );
  if (total.rejected > 0) process.exitCode = 1;
}

/** Splits rows into parts that each fit into one invocation. */
function* toChunks(rows: readonly unknown[]): Generator<unknown[]> {
  let chunk: unknown[] = [];
  let bytes = 0;
  for (const row of rows) {
    const length = Buffer.byteLength(JSON.stringify(row)) + 1;
    if (bytes + length > CHUNK_BYTES && chunk.length > 0) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(row);
    bytes += length;
  }
  if (chunk.length > 0) yield chunk;
}

async function invoke({ client, functionName }: Target, rows: unknown[]): Promise<Ingest> {
  const output = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify({ rows })) }),
  );
  const reply: { errorMessage?: string; ingests?: Ingest[] } = JSON.parse(output.Payload?.transformToString() ?? '{}');
  const [ingest] = reply.ingests ?? [];
  if (ingest === undefined) throw new UserError(reply.errorMessage ?? 'The function returned no result.');
  return ingest;
}

await runCommand(async () => {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: { function: { type: 'string' }, sample: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true || (values.sample !== true && files.length === 0)) {
    console.log(USAGE);
    process.exitCode = values.help === true ? 0 : 1;
    return;
  }
  const target =
    values.function === undefined
      ? { client: new LambdaClient(localClientOptions(readRunningStack().lambda)), functionName: LOCAL_FUNCTION }
      : { client: new LambdaClient(), functionName: values.function };
  const sources = files.map((file) => ({ name: file, read: () => readReply(JSON.parse(readFileSync(file, 'utf8'))) }));
  if (values.sample === true) sources.push({ name: 'The generated sample', read: sampleMetrics });
  for (const { name, read } of sources) await importRows(target, name, readNamed(name, read));
});
