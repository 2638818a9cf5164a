/** Quality figures of 1,000,000 responses, and what keeping them costs the publisher. */
import { createHandler } from '../collect-lambdas/quality/routes.ts';
import type { DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import type { IncomingResponse, PendingEvent } from '../db-proxy-lambda/contract.ts';
import type { Database } from '../db-proxy-lambda/database/database.ts';
import { inTransaction } from '../db-proxy-lambda/database/transactions.ts';
import { deletePublished, findResponseEvents, markConsumed } from '../db-proxy-lambda/outbox/queries.ts';
import { countEvents } from '../db-proxy-lambda/quality/count-events.ts';
import { addChanges } from '../db-proxy-lambda/quality/queries.ts';
import { follow } from '../db-proxy-lambda/quality/response-quality.ts';
import { Tally } from '../db-proxy-lambda/quality/tally.ts';
import { httpEvent } from '../tests/support/http-event.ts';
import { incoming } from '../tests/support/responses.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { medianMs, percentile, printTable, seconds } from './report.ts';
import { withProxies } from './stack.ts';

const FORM = 'household_finances';
const RESPONSES = 1_000_000;
const DAYS = 365;
const COLLECTORS = 200;
const RULES = 20;
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2025, 8, 1);
const LATEST = '2026-08-31';
/** Every fifth response is flagged, by one to three rules; nine of ten flagged responses are corrected. */
const FLAGGED = 5;
const CORRECTED = 0.9;

const RUNS = 40;
const TARGET_MS = 50;

/** A page of the publisher (collect-lambdas/publish/handler.ts). */
const PAGE = 200;
const PAGES = 30;

/** Prints medians for SQLite and a server. */
export function benchQuality(server: ServerKind | undefined): Promise<void> {
  return withProxies(server, async ({ program, database, dbProxy, logger }) => {
    await fill(database);
    const handler = createHandler({ dbProxy, logger });
    const rows = [];
    for (const query of queries()) {
      const event = httpEvent('GET /forms/{form_id}/quality', { path: { form_id: FORM }, query });
      let size = 0;
      const time = await medianMs(RUNS, async () => {
        const { statusCode, body = '' } = await handler(event);
        if (statusCode !== 200) throw new Error(`The reply is ${statusCode}: ${body}`);
        size = Buffer.byteLength(body);
      });
      const asked = Object.entries(query).map(([key, value]) => `${key}=${value}`);
      const verdict = time <= TARGET_MS ? 'met' : 'MISSED';
      rows.push({ query: asked.join('&'), ms: time.toFixed(1), kB: Math.round(size / 1_000), target: verdict });
    }
    const responses = RESPONSES.toLocaleString('en');
    printTable(`${program}: quality figures of ${responses} responses (target ${TARGET_MS} ms)`, rows);
    await benchConsumer(program, database, dbProxy);
  });
}

/** A period is slowest if it begins on the second day of a month of 31 days. */
function queries(): Record<string, string>[] {
  return ['collector', 'rule', 'day'].flatMap((by) => [
    { by },
    { by, since: '2025-10-02' },
    { by, since: '2026-08-02' },
    { by, since: LATEST },
  ]);
}

/** The sums of invented responses, made by the same code as the sums of real responses. */
async function fill(database: Database): Promise<void> {
  const tally = new Tally();
  for (let index = 0; index < RESPONSES; index += 1) {
    const quality = history(index).reduce(follow, undefined);
    if (quality !== undefined) tally.count(quality, 1);
  }
  await inTransaction(database, (trx) => addChanges(trx, database, tally.changes()));
}

function history(index: number): PendingEvent[] {
  const random = fraction(index);
  const arrived = FIRST_DAY + Math.floor(fraction(index + 0.5) * DAYS) * DAY_MS;
  const response = { response_id: `response-${index}`, form_id: FORM, user_id: `collector-${index % COLLECTORS}` };
  const flags = Array.from({ length: index % FLAGGED === 0 ? 1 + (index % 3) : 0 }, (_, flag) => ({
    rule: `Rule${Math.floor((random * RULES + flag * 7) % RULES)}`,
    message: 'Ask again.',
    questions: [],
  }));
  const first = {
    ...response,
    event_id: index,
    type: flags.length > 0 ? ('flagged' as const) : ('accepted' as const),
    revision: 1,
    flags,
    occurred_at: new Date(arrived).toISOString(),
  };
  if (flags.length === 0 || random > CORRECTED) return [first];
  // From a minute to ten days, evenly on a logarithmic scale.
  const later = new Date(arrived + 60_000 * 14_400 ** fraction(index + 0.25)).toISOString();
  return [first, { ...first, type: 'corrected', revision: 2, flags: [], occurred_at: later }];
}

/** A number from 0 to 1 that looks random, the same in each run. */
function fraction(seed: number): number {
  const value = Math.sin(seed * 12.9898 + 78.233) * 43_758.5453;
  return value - Math.floor(value);
}

/** The time that a page of the publisher spends on the figures, and on its other work in the database. */
async function benchConsumer(name: string, database: Database, dbProxy: DbProxy): Promise<void> {
  const rows = [];
  for (const kind of ['new responses', 'corrections'] as const) {
    const counting: number[] = [];
    const rest: number[] = [];
    for (let page = 0; page < PAGES; page += 1) {
      await dbProxy.call('saveResponses', { responses: responsesOf(page, kind === 'corrections') });
      let milliseconds = 0;
      const took = await seconds(async () => {
        const ids = await inTransaction(database, async (trx) => {
          const { events } = await findResponseEvents(trx, PAGE, []);
          const read = events.map((event) => event.event_id);
          const count = () => countEvents(trx, events, new Date().toISOString(), database);
          milliseconds = 1_000 * (await seconds(count));
          await markConsumed(trx, read);
          return read;
        });
        await inTransaction(database, (trx) => deletePublished(trx, ids));
      });
      counting.push(milliseconds);
      rest.push(1_000 * took - milliseconds);
    }
    const [figures, others] = [percentile(counting, 0.5), percentile(rest, 0.5)];
    rows.push({ [`${PAGE} events of`]: kind, 'figures, ms': figures.toFixed(1), 'the rest, ms': others.toFixed(1) });
  }
  printTable(`${name}: a page of the publisher, without the topic`, rows);
}

/**
 * The responses of a page, from 40 collectors; every fifth is flagged. Their corrections reverse this: the corrections
 * of the flagged responses pass, and all others are flagged.
 */
function responsesOf(page: number, isCorrection: boolean): IncomingResponse[] {
  return Array.from({ length: PAGE }, (_, index) => {
    const isFlagged = index % FLAGGED === 0;
    const rule = `Rule${index % RULES}`;
    return incoming({
      response_id: `bench-${page}-${index}`,
      user_id: `collector-${(page * 7 + index) % 40}`,
      at: isCorrection ? '2026-09-02T06:00:00Z' : '2026-09-01T06:00:00Z',
      ...(isFlagged !== isCorrection && {
        status: 'flagged',
        flags: [{ rule, message: 'Ask again.', questions: [], values: {} }],
      }),
    });
  });
}
