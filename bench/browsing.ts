/** Filtered pages of 100,000 responses, the newest first. */
import { Logger } from '@aws-lambda-powertools/logger';
import { createHandler } from '../collect-lambdas/responses/routes.ts';
import type { DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import type { Database } from '../db-proxy-lambda/database/database.ts';
import { migrate } from '../db-proxy-lambda/database/migrate.ts';
import { openDatabase } from '../db-proxy-lambda/database/open-database.ts';
import { createHandler as createProxyHandler } from '../db-proxy-lambda/handler.ts';
import { generateHouseholds } from '../demo/households.ts';
import { dbProxyBehind } from '../local/local-aws.ts';
import { httpEvent } from '../tests/support/http-event.ts';
import { MemoryStore } from '../tests/support/memory-store.ts';
import { incoming } from '../tests/support/responses.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { percentile, printTable, seconds } from './report.ts';
import { withDatabase } from './stack.ts';

const FORM = 'household_finances';
const RESPONSES = 100_000;
const BATCH = 1_000;
const RUNS = 9;
const TARGET_MS = 300;
const HOUR_MS = 3_600_000;
const FIRST_ARRIVAL = Date.UTC(2026, 0, 1);

const FILTERS: [name: string, query: Record<string, string>][] = [
  ['none', {}],
  ['form', { form_id: FORM }],
  ['open ones', { form_id: FORM, status: 'flagged,returned' }],
  ['a collector', { form_id: FORM, user_id: 'collector-7' }],
  ['a day in the middle', { form_id: FORM, from: '2026-01-03T00:00:00Z', to: '2026-01-04T00:00:00Z' }],
  ['a rule', { form_id: FORM, rule: 'Rule1' }],
  ['a rule, the oldest responses', { form_id: FORM, rule: 'Rare' }],
  ['a name', { form_id: FORM, text: 'nguyễn' }],
  ['a name, open ones', { form_id: FORM, text: 'nguyễn', status: 'flagged,returned' }],
  ['a text of no answer', { form_id: FORM, text: 'crocodile' }],
  ['a text of no answer, all forms', { text: 'crocodile' }],
  ['a text of no answer, open ones', { form_id: FORM, text: 'crocodile', status: 'flagged,returned' }],
  ['a word of the questions', { form_id: FORM, text: 'monthly' }],
];

/** Prints medians for SQLite and a server. */
export async function benchBrowsing(server: ServerKind | undefined): Promise<void> {
  for (const database of ['sqlite', { server }] as const) {
    await withDatabase(database, ({ program, url }) => benchDatabase(program, url));
  }
}

async function benchDatabase(name: string, url: string): Promise<void> {
  const database = openDatabase(url);
  try {
    await migrate(database);
    const logger = new Logger({ serviceName: 'bench' });
    const proxy = createProxyHandler({ connection: () => database, database: () => Promise.resolve(database), logger });
    // Calls the proxy without the network, but converts its payloads to JSON as Lambda does.
    const dbProxy = dbProxyBehind(async (request) => JSON.stringify(await proxy(JSON.parse(request))));
    await fill(database, dbProxy);
    const unused = { files: new MemoryStore(), store: new MemoryStore(), triggerPublish: () => Promise.resolve() };
    const handler = createHandler({ ...unused, dbProxy, logger });
    const rows = [];
    for (const [filter, query] of FILTERS) {
      const row: Record<string, string | number> = { filter };
      for (const count of [{}, { count: 'true' }]) {
        const event = httpEvent('GET /responses', { query: { order: 'newest', ...query, ...count } });
        let reply = { items: [] as unknown[], count: 0, capped: false };
        const times: number[] = [];
        for (let run = 0; run < RUNS; run += 1) {
          times.push(1_000 * (await seconds(async () => (reply = JSON.parse((await handler(event)).body ?? '')))));
        }
        const column = 'count' in count ? 'with its count' : 'a page';
        row[`${column}, ms`] = percentile(times, 0.5).toFixed(0);
        row['items'] = reply.items.length;
        if ('count' in count) row['count'] = `${reply.count}${reply.capped ? '+' : ''}`;
      }
      rows.push(row);
    }
    printTable(`${name}: ${RESPONSES.toLocaleString('en')} responses, newest first (target ${TARGET_MS} ms)`, rows);
  } finally {
    await database.close();
  }
}

/** One response in eight is flagged, in turn by each of three rules; a tenth of those is returned. An hour has 1,000 responses. */
async function fill(database: Database, dbProxy: DbProxy): Promise<void> {
  let index = 0;
  let spent = 0;
  let batch = [];
  for (const household of generateHouseholds(RESPONSES, 5)) {
    index += 1;
    const isFlagged = index % 8 === 0;
    const rule = index < 100 ? 'Rare' : `Rule${1 + ((index / 8) % 3)}`;
    const flag = {
      rule,
      message: 'The monthly expenditure is less than its items.',
      questions: ['age'],
      values: { age: 7 },
    };
    batch.push(
      incoming({
        response_id: String(household['response_id']),
        user_id: String(household['user_id']),
        response: household,
        ...(isFlagged && { status: 'flagged', flags: [flag] }),
      }),
    );
    if (batch.length < BATCH) continue;
    const responses = batch;
    spent += await seconds(() => dbProxy.call('saveResponses', { responses }));
    batch = [];
    const hours = index / BATCH;
    await database.db
      .updateTable('responses')
      .set({ created_at: new Date(FIRST_ARRIVAL + hours * HOUR_MS).toISOString() })
      .where('id', '>', index - BATCH)
      .execute();
  }
  await database.db.updateTable('responses').set({ status: 'returned' }).where('id', 'in', every(80)).execute();
  console.log(`\nSaved ${Math.round(RESPONSES / spent)} responses a second.`);
}

/** The ids that a number divides. */
function every(number: number): number[] {
  return Array.from({ length: RESPONSES / number }, (_, index) => number * (index + 1));
}
