/**
 * Measures each function with its MemorySize: the time of the usual event, and the peak memory of the process for the
 * usual and the largest event. The heap is limited as in Lambda. The CPU is not: Lambda's share grows with MemorySize,
 * to one whole CPU at 1,769 MB.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { outboxOperations } from '../db-proxy-lambda/outbox/contract.ts';
import { householdFinances } from '../forms/definition/household-finances.ts';
import { generateHouseholds } from '../demo/households.ts';
import type { Host } from '../local/host.ts';
import { sampleMetrics } from '../ops/sample-metrics.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { percentile, printTable, seconds } from './report.ts';
import { incomingResponses, pieces } from './samples.ts';
import { withStack, type BenchStack } from './stack.ts';

const BATCH = 1_000;
/** The size of a district's survey. More rows need no more memory (bench/exports.ts). */
const EXPORTED = 20_000;
/** Events that one call claims from the outbox. */
const PAGE = 500;

interface Measurement {
  /** The end of the function's id in the templates. */
  id: string;
  usual: string;
  runs: number;
  event: (run: number) => unknown;
  largest?: [what: string, event: unknown];
}

/** The largest peak memory of a function's processes, in MB; undefined without /proc. */
export function peakMegabytes(host: Host, functionName: string): number | undefined {
  const all = host.functions.pids(functionName).map(peakOf);
  return all.includes(undefined) ? undefined : Math.max(...all.map((peak) => peak ?? 0));
}

function peakOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1_024;
  } catch {
    return undefined;
  }
}

export async function benchMemory(server: ServerKind | undefined): Promise<void> {
  if (!(await withStack({ server }, measureAll))) await withStack('sqlite', measureAll);
}

async function measureAll(stack: BenchStack): Promise<void> {
  const { host, program } = stack;
  const receiver = createServer((request, reply) => request.resume().on('end', () => reply.writeHead(204).end()));
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  const rows = [];
  for (const measurement of measurements(stack, receiver)) rows.push(await measure(host, measurement));
  receiver.close();
  // Read at the end, because the measurement of any function may raise the proxy's peak.
  const peaks = rows.map((row) => peakMegabytes(host, find(host, row.function).name)?.toFixed(0) ?? 'unknown');
  printTable(
    `Functions on ${program}, milliseconds and MB`,
    rows.map((row, index) => ({ ...row, 'peak MB': peaks[index] ?? '' })),
  );
  console.log('PreTrafficFunction and MigrateFunction run in deployments only.');
}

async function measure(host: Host, { id, usual, runs, event, largest }: Measurement) {
  const { name, memoryMegabytes } = find(host, id);
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const payload = Buffer.from(JSON.stringify(await event(run)));
    times.push((await seconds(() => invoke(host, name, payload))) * 1_000);
  }
  if (largest !== undefined) await invoke(host, name, Buffer.from(JSON.stringify(largest[1])));
  return {
    function: id,
    'usual event': usual,
    runs,
    p50: percentile(times, 0.5).toFixed(1),
    p95: percentile(times, 0.95).toFixed(1),
    'largest event': largest?.[0] ?? '',
    MemorySize: memoryMegabytes,
  };
}

/** @throws {Error} if the function fails or refuses the event, because then the measurement is invalid */
async function invoke(host: Host, name: string, payload: Buffer): Promise<unknown> {
  const { payload: reply, isFunctionError } = await host.functions.invoke(name, payload);
  const read: { statusCode?: number; ok?: boolean; result?: unknown; batchItemFailures?: unknown[] } | null =
    JSON.parse(reply.toString());
  const isRefused =
    (read?.statusCode ?? 200) >= 400 || read?.ok === false || (read?.batchItemFailures ?? []).length > 0;
  if (isFunctionError || isRefused) throw new Error(`${name} failed: ${reply.toString().slice(0, 300)}`);
  return read?.result;
}

function find(host: Host, id: string) {
  const found = host.model.functions.find((fn) => fn.id.endsWith(id));
  if (found === undefined) throw new Error(`There is no function ${id}.`);
  return found;
}

/** Ordered so that the proxy fills the tables before other functions read them. */
function measurements({ host, token }: BenchStack, receiver: Server): Measurement[] {
  const file = (name: string) => {
    const event = readEvent(name);
    return () => event;
  };
  const stored = pieces(incomingResponses(EXPORTED, 'memory'), BATCH);
  const households = [...generateHouseholds(BATCH, 3, 'memory-collect')];
  const single = readEvent('collect/accepted');
  const batch = { ...readEvent('collect/batch'), isBase64Encoded: false };
  const proxy = find(host, 'DbProxyFunction').name;
  const ask = (operation: string, input: unknown) =>
    invoke(host, proxy, Buffer.from(JSON.stringify({ operation, input })));
  const spreadsheetId = find(host, 'ExportsFunction').environment['DEFAULT_SPREADSHEET_ID'];
  const request = { format: { csv: true, sheet: true }, filter: {}, spreadsheet_id: spreadsheetId };
  let webhookId: unknown;

  return [
    {
      id: 'DbProxyFunction',
      usual: 'saveResponses, one',
      runs: 300,
      event: (run) => ({ operation: 'saveResponses', input: { responses: incomingResponses(1, `one-${run}`) } }),
      largest: [`saveResponses, ${BATCH}`, { operation: 'saveResponses', input: { responses: stored[0] } }],
    },
    {
      id: 'CollectFunction',
      usual: 'POST /collect',
      runs: 300,
      event: (run) => ({ ...single, body: JSON.stringify(households[run]) }),
      largest: [`a batch of ${BATCH}`, { ...batch, body: JSON.stringify(households) }],
    },
    { id: 'ResponsesFunction', usual: 'the worklist', runs: 100, event: file('responses/worklist') },
    { id: 'FormsFunction', usual: 'a form', runs: 100, event: file('forms/get') },
    { id: 'ExportsFunction', usual: 'the exports', runs: 100, event: file('exports/list') },
    {
      id: 'SheetsFunction',
      usual: `${EXPORTED} rows to CSV and a sheet`,
      runs: 5,
      async event(run) {
        for (const responses of run === 0 ? stored : []) await ask('saveResponses', { responses });
        const exportId = randomUUID();
        await ask('requestExport', { export_id: exportId, table_name: householdFinances.form_id, request });
        return { Records: [message({ export_id: exportId })] };
      },
    },
    {
      id: 'LiveSheetFunction',
      usual: `${EXPORTED} rows to a live sheet`,
      runs: 3,
      async event(run) {
        const tab = `Live ${run}`;
        await ask('putLiveSheet', { form_id: householdFinances.form_id, spreadsheet_id: spreadsheetId, tab });
        return { Records: [message({})] };
      },
    },
    {
      id: 'WebhookDeliveryFunction',
      usual: `${PAGE} events`,
      runs: 10,
      async event(run) {
        webhookId ??= await createWebhook(host, token, receiver);
        await ask('saveResponses', { responses: incomingResponses(PAGE, `webhook-${run}`) });
        await emptyOutbox(ask);
        return { Records: [message({ webhook_id: webhookId })] };
      },
    },
    { id: 'OdkPendingFunction', usual: 'the schedule', runs: 50, event: file('sweep/schedule') },
    { id: 'SweepFunction', usual: 'the schedule', runs: 50, event: file('sweep/schedule') },
    {
      id: 'PublishFunction',
      usual: `${BATCH} events`,
      runs: 10,
      async event(run) {
        await ask('saveResponses', { responses: incomingResponses(BATCH, `publish-${run}`) });
        return readEvent('publish/trigger');
      },
    },
    {
      id: 'TaskFollowUpFunction',
      usual: 'ten events',
      runs: 50,
      event: (run) => ({ Records: Array.from({ length: 10 }, (_, at) => message(flagged(run, at))) }),
    },
    { id: 'TasksFunction', usual: 'the tasks', runs: 100, event: file('tasks/list-tasks') },
    {
      id: 'MetricsIngestFunction',
      usual: `${sampleMetrics().length} rows`,
      runs: 5,
      event: (run) => ({ rows: sampleMetrics(run) }),
    },
    { id: 'MetricsFunction', usual: 'metrics of a country', runs: 100, event: file('metrics/get-metrics-sample') },
    { id: 'HelloFunction', usual: 'PUT /hello', runs: 100, event: file('hello/put-hello') },
    { id: 'CalculationFunction', usual: 'a plot', runs: 100, event: file('calculation/plot-calculation') },
    { id: 'DocsFunction', usual: 'the page', runs: 100, event: file('docs/get-docs') },
  ];
}

/** Creates a webhook for every new response. @returns the id of the webhook */
async function createWebhook(host: Host, token: string, receiver: Server): Promise<unknown> {
  const address = receiver.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const reply = await fetch(`${host.url}/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `http://127.0.0.1:${port}/`, events: ['accepted'] }),
  });
  if (reply.status !== 201) throw new Error(`POST /webhooks replied ${reply.status}.`);
  const { webhook_id: id }: { webhook_id?: unknown } = JSON.parse(await reply.text());
  return id;
}

/**
 * Claims all events of the outbox, as the publisher does, so that the webhooks get their deliveries. Marks the events
 * as published without sending them to SNS.
 */
async function emptyOutbox(ask: (operation: string, input: unknown) => Promise<unknown>): Promise<void> {
  let published: number[] = [];
  do {
    const claim = { holder: 'bench', lease_seconds: 60, limit: PAGE, published, waiting: [] };
    const { events } = outboxOperations.claimResponseEvents.result.parse(await ask('claimResponseEvents', claim));
    published = events.map((event) => event.event_id);
  } while (published.length > 0);
}

function message(body: unknown) {
  return { messageId: randomUUID(), body: JSON.stringify(body) };
}

function readEvent(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(`events/${name}.json`, 'utf8'));
}

function flagged(run: number, at: number) {
  return {
    event_id: String(run * 10 + at),
    type: 'flagged',
    response_id: `memory-${run}-${at}`,
    revision: 1,
    form_id: householdFinances.form_id,
    user_id: 'collector-1',
    flags: [{ rule: 'Rule1', message: 'Monthly expenditure is less than its parts.', questions: [] }],
    occurred_at: new Date().toISOString(),
  };
}
