/**
 * How long the API takes for a filtered page out of 100,000 responses, newest first, and how long the console takes to
 * show it in a browser.
 */
import { createHandler } from '../collect-lambdas/responses/routes.ts';
import type { DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import type { Database } from '../db-proxy-lambda/database/database.ts';
import { generateHouseholds } from '../demo/households.ts';
import { startBrowser } from '../tests/support/browser.ts';
import { openConsole } from '../tests/support/console-page.ts';
import { httpEvent } from '../tests/support/http-event.ts';
import { MemoryStore } from '../tests/support/memory-store.ts';
import { incoming } from '../tests/support/responses.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { percentile, printTable, seconds } from './report.ts';
import { withProxies, withStackOn, type BenchProxy, type BenchStack } from './stack.ts';

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
  ['open responses', { form_id: FORM, status: 'flagged,returned' }],
  ['a collector', { form_id: FORM, user_id: 'collector-7' }],
  ['a day in the middle', { form_id: FORM, from: '2026-01-03T00:00:00Z', to: '2026-01-04T00:00:00Z' }],
  ['a rule', { form_id: FORM, rule: 'Rule1' }],
  ['a rule, the oldest responses', { form_id: FORM, rule: 'Rare' }],
  ['a name', { form_id: FORM, text: 'nguyễn' }],
  ['a name, open responses', { form_id: FORM, text: 'nguyễn', status: 'flagged,returned' }],
  ['a text that no answer contains', { form_id: FORM, text: 'crocodile' }],
  ['a text that no answer contains, all forms', { text: 'crocodile' }],
  ['a text that no answer contains, open responses', { form_id: FORM, text: 'crocodile', status: 'flagged,returned' }],
  ['a word of the questions', { form_id: FORM, text: 'monthly' }],
];

/** Prints medians for SQLite and a server. */
export async function benchBrowsing(server: ServerKind | undefined): Promise<void> {
  await withProxies(server, async (proxy) => {
    await benchApi(proxy);
    if (proxy.url.startsWith('sqlite:')) await withStackOn(proxy, benchConsole);
  });
}

/** Filters that match more than a page of responses. */
const IN_CONSOLE = [
  'form',
  'open responses',
  'a collector',
  'a day in the middle',
  'a rule',
  'a name',
  'a name, open responses',
];

/**
 * Prints medians of the time from a new address until the 50 rows are drawn, of the requests for these rows, and of the
 * difference, which is the console's own time.
 */
async function benchConsole({ host, token }: BenchStack): Promise<void> {
  const browser = await startBrowser();
  try {
    const rows = [];
    for (const [filter, { form_id: form = FORM, ...query }] of FILTERS.filter(([name]) => IN_CONSOLE.includes(name))) {
      const address = `/responses?${new URLSearchParams({ form, ...query }).toString()}`;
      const times: { shown: number; api: number }[] = [];
      for (let run = 0; run < RUNS; run += 1) {
        const page = await openConsole(browser.context, host.url, token, `/responses?form=${form}&user_id=none`);
        await page.getByText('No response matches these filters.').waitFor();
        times.push(await page.evaluate<{ shown: number; api: number }>(timeUntilShown(address)));
        await page.close();
      }
      const median = (of: (time: { shown: number; api: number }) => number): string =>
        percentile(times.map(of), 0.5).toFixed(0);
      rows.push({
        filter,
        'until shown, ms': median(({ shown }) => shown),
        'API, ms': median(({ api }) => api),
        'console, ms': median(({ shown, api }) => shown - api),
      });
    }
    printTable(`The console, SQLite: ${RESPONSES.toLocaleString('en')} responses (target ${TARGET_MS} ms)`, rows);
  } finally {
    await browser.close();
  }
}

/** A script that opens an address of the console, and waits until a full page of rows is drawn. Times in ms. */
const timeUntilShown = (address: string): string => `(async () => {
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  performance.clearResourceTimings();
  const start = performance.now();
  location.hash = ${JSON.stringify(address)};
  while (document.querySelectorAll('main tbody tr').length < 50) await drawn();
  const shown = performance.now() - start;
  // The count is read at the same time, and the rows do not wait for it.
  const ofRows = ({ name }) => name.includes('/responses?') && !name.includes('count=');
  const requests = performance.getEntriesByType('resource').filter(ofRows);
  return { shown, api: requests.reduce((sum, { duration }) => sum + duration, 0) };
})()`;

async function benchApi({ program, database, dbProxy, logger }: BenchProxy): Promise<void> {
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
  printTable(`${program}: ${RESPONSES.toLocaleString('en')} responses, newest first (target ${TARGET_MS} ms)`, rows);
}

/**
 * One response in eight is flagged: the first twelve by the rule `Rare`, the others by three rules in turn. A tenth of
 * the flagged responses is returned. Each hour, 1,000 responses arrive.
 */
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
