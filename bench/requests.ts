/** Single requests to POST /collect, with an empty and a full table, over several connections, on a server and SQLite. */
import { generateHouseholds } from '../demo/households.ts';
import { openDatabase } from '../db-proxy-lambda/database/open-database.ts';
import { insertResponses } from '../db-proxy-lambda/responses/queries.ts';
import { emptyResponses, insertRows, openRaw } from './raw-inserts.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { columnsOfLoad, load, type Load } from './load.ts';
import { inParallel, printTable, seconds } from './report.ts';
import { incomingResponses, pieces } from './samples.ts';
import { withStack, type BenchStack } from './stack.ts';

const CONNECTIONS = [1, 8, 32];
const REQUESTS = 4_000;
/** Lets the JIT of each of the four environments compile the functions. */
const WARM_UP_REQUESTS = 8_000;
const STORED = 100_000;

/** New households for POST /collect. @param run makes their ids differ between runs */
export function householdLoad({ host, token }: BenchStack, connections: number, requests: number, run: string): Load {
  return {
    url: `${host.url}/collect`,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    bodies: Array.from(generateHouseholds(requests, 3, run), (household) => JSON.stringify(household)),
    connections,
  };
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
  await load(householdLoad(stack, 8, WARM_UP_REQUESTS, 'warm-up'));
  const { db, close } = openDatabase(stack.databaseUrl);
  await db.deleteFrom('response_events').execute();
  await db.deleteFrom('responses').execute();
  await close();
}

async function measure(stack: BenchStack, table: string, raw: ReadonlyMap<number, number>) {
  const rows = [];
  for (const connections of CONNECTIONS) {
    const result = await load(householdLoad(stack, connections, REQUESTS, `${table}-${connections}`));
    const baseline = raw.get(connections);
    rows.push({
      database: stack.program,
      table,
      connections,
      ...columnsOfLoad(result),
      'of raw inserts': baseline === undefined ? '' : (result.perSecond / baseline).toFixed(2),
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
