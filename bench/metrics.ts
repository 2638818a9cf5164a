/** GET /metrics, compared with the bare SQL that reads its rows. */
import { sql } from 'kysely';
import { createHandler } from '../collect-lambdas/metrics/routes.ts';
import type { HungerMapRow } from '../collect-lambdas/metrics-ingest/rows.ts';
import { saveRows } from '../collect-lambdas/metrics-ingest/save-rows.ts';
import type { Database } from '../db-proxy-lambda/database/database.ts';
import { httpEvent } from '../tests/support/http-event.ts';
import type { ServerKind } from '../tests/support/private-server.ts';
import { medianMs } from './report.ts';
import { withProxies } from './stack.ts';

const RUNS = 40;
const TARGET = 2;

/** As many areas and days as in the figures that HungerMap publishes for these two countries. */
const COUNTRIES = [
  { iso3: 'COL', areas: 33, first: 901156 },
  { iso3: 'BFA', areas: 13, first: 900712 },
];
const DAYS = 366;
const FIRST_DAY = Date.UTC(2022, 5, 1);

/** Prints both medians and their ratio for SQLite and a server. */
export function benchMetrics(server: ServerKind | undefined): Promise<void> {
  return withProxies(server, async ({ program, database, dbProxy, logger }) => {
    await saveRows({ dbProxy, wait: () => Promise.resolve() }, rows());
    const handler = createHandler({ dbProxy, logger });
    const bare = await medianMs(RUNS, () => readRows(database));
    const replied = await medianMs(RUNS, async () => {
      const { statusCode } = await handler(httpEvent('GET /metrics'));
      if (statusCode !== 200) throw new Error(`GET /metrics replied ${statusCode}.`);
    });
    const { headers } = await handler(httpEvent('GET /metrics'));
    const again = httpEvent('GET /metrics');
    again.headers['if-none-match'] = String(headers?.['etag']);
    const cached = await medianMs(RUNS, async () => {
      const { statusCode } = await handler(again);
      if (statusCode !== 304) throw new Error(`GET /metrics with If-None-Match replied ${statusCode}.`);
    });
    const { body } = await handler(httpEvent('GET /metrics'));
    const ratio = replied / bare;
    console.log(
      `${program}: the bare rows ${bare.toFixed(1)} ms, GET /metrics ${replied.toFixed(1)} ms: ${ratio.toFixed(2)}x ` +
        `(target ${TARGET}x, ${ratio <= TARGET ? 'met' : 'MISSED'}); 304 ${cached.toFixed(2)} ms; ` +
        `the reply has ${Math.round(Buffer.byteLength(body ?? '') / 1_000)} kB`,
    );
  });
}

async function readRows({ db }: Database): Promise<void> {
  const { rows: read } = await sql`
    select iso3, day, area_id, population, people, prevalence from area_metrics
    where iso3 in ('COL', 'BFA') and indicator = 'fcs' and sample = 0 and day between '2022-06-01' and '2023-07-01'
  `.execute(db);
  if (read.length !== DAYS * 46) throw new Error(`${read.length} rows were read.`);
}

/** Rows of each area and day, with invented values. */
function rows(): HungerMapRow[] {
  return COUNTRIES.flatMap(({ iso3, areas, first }) =>
    Array.from({ length: areas * DAYS }, (_, index): HungerMapRow => {
      const region = { id: first + (index % areas), name: `Area ${index % areas}`, population: 1_000_003 + index };
      const date = new Date(FIRST_DAY + Math.floor(index / areas) * 86_400_000).toISOString().slice(0, 10);
      const people = region.population * (0.2 + 0.3 * Math.abs(Math.sin(index)));
      const metrics = { fcs: { people, prevalence: people / region.population } };
      return { country: { iso3, name: iso3 }, region, date, dataType: 'PREDICTION', metrics };
    }),
  );
}
