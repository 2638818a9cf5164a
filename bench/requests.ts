/** Single requests to POST /collect, with an empty and a full table, over several connections, on a server and SQLite. */
import { Worker } from 'node:worker_threads';
import { openDatabase } from '../db-proxy-lambda/database/open-database.ts';
import { insertResponses } from '../db-proxy-lambda/responses/queries.ts';
import { emptyResponses, insertRows, openRaw } from './raw-inserts.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { inParallel, percentile, printTable, seconds } from './report.ts';
import { incomingResponses, pieces } from './samples.ts';
import { withStack, type BenchStack } from './stack.ts';

const CONNECTIONS = [1, 8, 32];
const REQUESTS = 4_000;
/** Lets the JIT of each of the four environments compile the functions. */
const WARM_UP_REQUESTS = 8_000;
const STORED = 100_000;

export interface Load {
  url: string;
  token: string;
  connections: number;
  requests: number;
  run: string;
}

interface LoadResult {
  perSecond: number;
  /** Milliseconds. */
  latencies: number[];
}

/** Sends requests from a separate thread, so that they do not block the host. */
async function load(data: Load): Promise<LoadResult> {
  const worker = new Worker('./bench/load-worker.ts', { workerData: data });
  const result = await new Promise<LoadResult>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  return result;
}

async function rawRequests(url: string, connections: number): Promise<number> {
  const pool = openRaw(url, connections);
  const rows = incomingResponses(REQUESTS, `raw-${connections}`);
  const took = await seconds(() => inParallel(connections, rows, (row) => insertRows(pool, [row])));
  await emptyResponses(pool);
  await pool.end();
  return REQUESTS / took;
}

async function fill(stack: BenchStack): Promise<void> {
  const database = openDatabase(stack.databaseUrl);
  const now = new Date().toISOString();
  for (const batch of pieces(incomingResponses(STORED, 'stored'), 1_000)) {
    const revisions = batch.map((incoming) => ({ incoming, revision: 1 }));
    await database.db.transaction().execute((trx) => insertResponses(trx, revisions, now));
  }
  await database.close();
}

async function warmUp(stack: BenchStack): Promise<void> {
  await load({ url: stack.host.url, token: stack.token, connections: 8, requests: WARM_UP_REQUESTS, run: 'warm-up' });
  const { db, close } = openDatabase(stack.databaseUrl);
  await db.deleteFrom('response_events').execute();
  await db.deleteFrom('responses').execute();
  await close();
}

async function measure({ host, token, program }: BenchStack, table: string, raw: ReadonlyMap<number, number>) {
  const rows = [];
  for (const connections of CONNECTIONS) {
    const run = `${table}-${connections}`;
    const { perSecond, latencies } = await load({ url: host.url, token, connections, requests: REQUESTS, run });
    const baseline = raw.get(connections);
    rows.push({
      database: program,
      table,
      connections,
      'requests/s': Math.round(perSecond),
      ...Object.fromEntries([50, 95, 99].map((p) => [`p${p} ms`, percentile(latencies, p / 100).toFixed(1)])),
      'of raw inserts': baseline === undefined ? '' : (perSecond / baseline).toFixed(2),
    });
  }
  return rows;
}

export async function benchRequests(server: ServerKind | undefined): Promise<void> {
  for (const database of [{ server }, 'sqlite'] as const) {
    await withStack(database, async (stack) => {
      const raw = new Map<number, number>();
      if (database !== 'sqlite') {
        for (const connections of CONNECTIONS) raw.set(connections, await rawRequests(stack.databaseUrl, connections));
      }
      await warmUp(stack);
      const empty = await measure(stack, 'empty', raw);
      await fill(stack);
      const full = await measure(stack, `${STORED} stored`, raw);
      printTable(`POST /collect one by one on ${stack.program}`, [...empty, ...full]);
    });
  }
}
