/** Saves 100,000 responses in batches of 1,000: through POST /collect/batch, through the proxy, and with mysql2 alone. */
import { prepareOperation } from '../db-proxy-lambda/operations.ts';
import { openDatabase } from '../db-proxy-lambda/database/open-database.ts';
import { generateHouseholds } from '../demo/households.ts';
import { postBatch } from '../demo/client.ts';
import { emptyResponses, insertRows, openRaw } from './raw-inserts.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { inParallel, printTable, seconds } from './report.ts';
import { incomingResponses, pieces } from './samples.ts';
import { withStack, type BenchStack } from './stack.ts';

const RESPONSES = 100_000;
const BATCH = 1_000;
const WARM_UP_RESPONSES = 40_000;
const RAW_ROWS_PER_STATEMENT = 500;
/** Phones that send at the same time. */
const SENDERS = 4;

async function rawInserts(url: string): Promise<number> {
  const pool = openRaw(url, 1);
  await emptyResponses(pool);
  const batches = pieces(incomingResponses(RESPONSES, 'raw'), RAW_ROWS_PER_STATEMENT);
  const took = await seconds(async () => {
    for (const batch of batches) await insertRows(pool, batch);
  });
  await emptyResponses(pool);
  await pool.end();
  return RESPONSES / took;
}

async function throughProxy(url: string): Promise<number> {
  const database = openDatabase(url);
  const batches = pieces(incomingResponses(RESPONSES, 'proxy'), BATCH);
  const took = await seconds(async () => {
    for (const responses of batches) {
      const prepared = prepareOperation('saveResponses', { responses });
      if (!prepared.ok) throw new Error('A batch violates the contract.');
      await prepared.run(database);
    }
  });
  await database.close();
  return RESPONSES / took;
}

async function endToEnd(stack: BenchStack): Promise<number> {
  const pool = openRaw(stack.databaseUrl, 1);
  // Lets the JIT compile the functions.
  await postAll(stack, WARM_UP_RESPONSES, 'warm-up');
  await emptyResponses(pool);
  const took = await postAll(stack, RESPONSES, 'e2e');
  await emptyResponses(pool);
  await pool.end();
  return RESPONSES / took;
}

/** @returns the duration in seconds */
async function postAll({ host, token }: BenchStack, responses: number, run: string): Promise<number> {
  const lines = Array.from(generateHouseholds(responses, 7, run), (household) => JSON.stringify(household));
  const batches = pieces(lines, BATCH);
  return seconds(() => inParallel(SENDERS, batches, (batch) => postBatch({ url: host.url, token }, batch)));
}

export function benchBatches(server: ServerKind | undefined): Promise<boolean> {
  return withStack({ server }, async (stack) => {
    const raw = await rawInserts(stack.databaseUrl);
    const proxy = await throughProxy(stack.databaseUrl);
    const whole = await endToEnd(stack);
    printTable(`${RESPONSES} responses by ${BATCH} into ${stack.program}`, [
      { what: `mysql2, ${RAW_ROWS_PER_STATEMENT} rows a statement`, 'rows/s': Math.round(raw), ratio: '1.00' },
      { what: 'proxy, saveResponses', 'rows/s': Math.round(proxy), ratio: (proxy / raw).toFixed(2) },
      { what: `POST /collect/batch, ${SENDERS} senders`, 'rows/s': Math.round(whole), ratio: (whole / raw).toFixed(2) },
    ]);
  });
}
