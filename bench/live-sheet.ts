/** A burst of 10,000 corrections: how soon they are in a live sheet, with Google's quota, and in how many requests. */
import { randomUUID } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { createHandler } from '../collect-lambdas/live-sheet/handler.ts';
import type { DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import { REQUEST_BYTES } from '../collect-lambdas/shared/google/cells.ts';
import { systemClock } from '../collect-lambdas/shared/google/clock.ts';
import { signIn } from '../collect-lambdas/shared/google/google-auth.ts';
import { seedForms } from '../db-proxy-lambda/forms/seed-forms.ts';
import { startSheetsServer, type SheetsServer } from '../emulators/google-sheets/sheets-server.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { incoming } from '../tests/support/responses.ts';
import { printTable, seconds } from './report.ts';
import { incomingResponses, pieces } from './samples.ts';
import { withProxies } from './stack.ts';

const FORM = 'household_finances';
const TAB = 'Live';
const CORRECTIONS = 10_000;
const ROWS_PER_SAVE = 500;
const EVENTS_PER_PAGE = 200;
/** Requests of one kind that the client sends in a burst; after that, one per interval (shared/google/google-client.ts). */
const BURST = 30;
const INTERVAL_SECONDS = 2.1;

export function benchLiveSheet(server: ServerKind | undefined): Promise<void> {
  return withProxies(server, async ({ program, database, dbProxy, logger }) => {
    const sheets = await startSheetsServer({ port: 0 });
    try {
      await seedForms(database);
      sheets.quota.isEnforced = true;
      await measure(program, dbProxy, sheets, logger);
    } finally {
      await sheets.stop();
    }
  });
}

async function measure(program: string, dbProxy: DbProxy, sheets: SheetsServer, logger: Logger): Promise<void> {
  const account = signIn(JSON.stringify(sheets.serviceAccountKey), `${sheets.url}/`);
  const work = createHandler({
    dbProxy,
    logger,
    signIn: () => Promise.resolve(account),
    forgetSignIn: () => undefined,
    backOff: () => Promise.resolve(),
    triggerPublish: () => Promise.resolve(),
    clock: systemClock,
    newHolder: randomUUID,
  });
  const run = async (): Promise<void> => {
    const { batchItemFailures } = await work({ Records: [] });
    if (batchItemFailures.length > 0) throw new Error('The sheet was not written.');
  };
  const spreadsheetId = sheets.createSpreadsheet({ title: 'Bench' });
  const responses = incomingResponses(CORRECTIONS, 'live');
  await save(dbProxy, responses);
  await publish(dbProxy);
  await dbProxy.call('putLiveSheet', { form_id: FORM, spreadsheet_id: spreadsheetId, tab: TAB });
  await run();
  const corrected = responses.map(({ response_id, response }) =>
    incoming({ response_id, response: { ...response, name: 'Corrected' }, at: '2030-01-01T00:00:00Z' }),
  );
  await save(dbProxy, corrected);
  await publish(dbProxy);

  const before = sheets.requests.length;
  const took = await seconds(run);

  const sent = sheets.requests.slice(before).filter(({ path }) => path.startsWith('/v4/'));
  const writes = sent.filter(({ path }) => path.endsWith(':batchUpdate'));
  const rows = sheets.readTab(spreadsheetId, TAB);
  const wrong = rows.filter((row, index) => index > 0 && !row.includes('Corrected')).length;
  if (rows.length !== CORRECTIONS + 1 || wrong > 0) throw new Error(`${wrong} of ${rows.length} rows are wrong.`);
  const least = Math.ceil(Buffer.byteLength(JSON.stringify(rows.slice(1))) / REQUEST_BYTES);
  const quotaSeconds = Math.max(0, writes.length - BURST) * INTERVAL_SECONDS;
  printTable(`${CORRECTIONS} corrections to a live sheet on ${program}`, [
    { what: 'writes', requests: writes.length, least, ratio: (writes.length / least).toFixed(2) },
    { what: 'reads', requests: sent.length - writes.length, least: 1, ratio: '' },
  ]);
  console.log(
    `In the sheet after ${took.toFixed(1)} s; the quota makes the writes wait for ${quotaSeconds.toFixed(1)} s. ` +
      `The largest request has ${Math.max(...sent.map(({ bytes }) => bytes))} bytes; ` +
      `${sent.filter(({ status }) => status !== 200).length} were refused.`,
  );
}

async function save(dbProxy: DbProxy, responses: ReturnType<typeof incomingResponses>): Promise<void> {
  for (const some of pieces(responses, ROWS_PER_SAVE)) await dbProxy.call('saveResponses', { responses: some });
}

/** Takes all events out of the outbox, as the publisher does, but sends none to SNS. */
async function publish(dbProxy: DbProxy): Promise<void> {
  const holder = randomUUID();
  let published: number[] = [];
  do {
    const page = { holder, lease_seconds: 60, limit: EVENTS_PER_PAGE, published, waiting: [] };
    const { events } = await dbProxy.call('claimResponseEvents', page);
    published = events.map((event) => event.event_id);
  } while (published.length > 0);
}
