/** Compares GET /metrics with published figures. The data is in the folder shared/data next to the project. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CountryFigures } from '../../collect-lambdas/metrics/figures.ts';
import { createHandler } from '../../collect-lambdas/metrics/routes.ts';
import { readReply, readRows } from '../../collect-lambdas/metrics-ingest/rows.ts';
import { INDICATORS } from '../../db-proxy-lambda/contract.ts';
import { databaseKinds, type TestDatabaseKind } from '../support/databases.ts';
import { httpEvent } from '../support/http-event.ts';
import { InProcessProxy, LAMBDA_PAYLOAD_BYTES } from '../support/in-process-proxy.ts';
import { saveApiRows } from '../support/metrics.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const FOLDER = path.resolve(process.cwd(), '../shared/data/metrics');
const TOLERANCE = 1e-9;

/**
 * The prevalence in the input files is reconstructed: published people / population. On some days WFP's own prevalence
 * differs from this quotient by one part in a million. Measured: 337 of the 598 published months agree to 1e-9; the
 * largest distance is 1.0000000001e-6. No formula over these rows comes closer.
 */
const RECONSTRUCTED_PREVALENCE = 1.001e-6;

type Figures = Record<string, CountryFigures>;

const textOf = (file: string): string => readFileSync(path.join(FOLDER, file), 'utf8');
const rowsOf = (file: string): unknown[] => readReply(JSON.parse(textOf(file)));

/** The part of a row that the definitions below use. */
interface AreaDay {
  areaId: number;
  day: string;
  population: number;
  people: number;
  prevalence: number;
}

function areaDaysOf(file: string): AreaDay[] {
  return readRows(rowsOf(file)).rows.map(({ region, date, metrics }) => ({
    areaId: region.id,
    day: date,
    population: region.population,
    people: metrics?.fcs?.people ?? Number.NaN,
    prevalence: metrics?.fcs?.prevalence ?? Number.NaN,
  }));
}

/** The difference of two numbers, as a share of the second. */
function distance(actual: number | null | undefined, expected: number): number {
  return actual === null || actual === undefined ? Infinity : Math.abs(actual - expected) / Math.abs(expected);
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

/** The national figures of each day, computed from the rows by their definitions, in two passes. */
function figuresByDefinition(rows: readonly AreaDay[]): Map<string, { prevalence: number; variance: number }> {
  const days = Map.groupBy(rows, (row) => row.day);
  return new Map(
    [...days].map(([day, areas]) => {
      const population = total(areas.map((area) => area.population));
      const prevalence = total(areas.map((area) => area.people)) / population;
      const squares = areas.map((area) => area.population * (area.prevalence - prevalence) ** 2);
      return [day, { prevalence, variance: total(squares) / population }];
    }),
  );
}

/** The mean prevalence by area id and month (`YYYY-M`), computed from the rows. */
function meanPrevalences(rows: readonly AreaDay[]): Map<string, number> {
  const months = Map.groupBy(rows, ({ areaId, day }) => `${areaId} ${day.slice(0, 4)}-${Number(day.slice(5, 7))}`);
  return new Map([...months].map(([key, days]) => [key, total(days.map((day) => day.prevalence)) / days.length]));
}

function acceptance(kind: TestDatabaseKind): void {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  let published: Figures;
  const files = { COL: 'COL-region-2022-06-01-2023-06-01.json', BFA: 'BFA-region-2022-06-01-2023-06-01.json' };
  const COD = 'COD-region-2023-07-05-2023-08-04.json';

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    handler = createHandler({ dbProxy: proxy, logger: new RecordingLogger() });
    published = JSON.parse(textOf('published-figures.json'));
    for (const file of Object.values(files)) await saveApiRows(proxy, rowsOf(file));
  });
  afterAll(() => proxy.stop());

  async function figures(query: Record<string, string> = {}): Promise<Figures> {
    const { body = '' } = await handler(httpEvent('GET /metrics', { query }));
    return JSON.parse(body);
  }

  /** The actual and the published value of each month of each area. */
  async function areaMonths() {
    const replied = await figures();
    return Object.entries(published).flatMap(([iso3, { metric_a: areas }]) => {
      const byId = new Map(replied[iso3]?.metric_a.map((each) => [each.region.id, each]));
      expect([...byId.values()].map((each) => each.region)).toEqual(
        areas.map((each) => each.region).toSorted((a, b) => a.id - b.id),
      );
      return areas.flatMap(({ region, average }) => {
        const own = byId.get(region.id)?.average ?? {};
        expect(Object.keys(own)).toEqual(Object.keys(average));
        return Object.entries(average).map(([month, expected]) => ({ actual: own[month], expected }));
      });
    });
  }

  test('the people of metric_a equal the published figures, in all 46 areas and 13 months', async () => {
    const distances = (await areaMonths()).map(({ actual, expected }) =>
      distance(actual?.people, expected.people ?? 0),
    );

    expect(distances).toHaveLength(46 * 13);
    expect(Math.max(...distances)).toBeLessThan(TOLERANCE);
  });

  test('the prevalence of metric_a equals the published figure, within the error of the reconstructed rows', async () => {
    const distances = (await areaMonths()).map(({ actual, expected }) =>
      distance(actual?.prevalence, expected.prevalence ?? 0),
    );

    expect(distances).toHaveLength(46 * 13);
    expect(Math.max(...distances)).toBeLessThan(RECONSTRUCTED_PREVALENCE);
  });

  test('the people of metric_b equal the published figures, on all 366 days of both countries', async () => {
    const replied = await figures();

    const distances = Object.entries(published).flatMap(([iso3, { metric_b: days }]) => {
      expect(Object.keys(replied[iso3]?.metric_b ?? {})).toEqual(Object.keys(days));
      return Object.entries(days).map(([day, { people }]) =>
        distance(replied[iso3]?.metric_b[day]?.people, people ?? 0),
      );
    });
    expect(distances).toHaveLength(2 * 366);
    expect(Math.max(...distances)).toBeLessThan(TOLERANCE);
  });

  test('the prevalence of metric_a is the mean of the rows', async () => {
    const replied = await figures();

    const distances = Object.entries(files).flatMap(([iso3, file]) => {
      const means = meanPrevalences(areaDaysOf(file));
      return (replied[iso3]?.metric_a ?? []).flatMap(({ region, average }) =>
        Object.entries(average).map(([month, own]) =>
          distance(own.prevalence, means.get(`${region.id} ${month}`) ?? 0),
        ),
      );
    });
    expect(distances).toHaveLength(46 * 13);
    expect(Math.max(...distances)).toBeLessThan(TOLERANCE);
  });

  test('the prevalence and variance of metric_b follow their definitions', async () => {
    const replied = await figures();

    const distances = Object.entries(files).flatMap(([iso3, file]) =>
      [...figuresByDefinition(areaDaysOf(file))].flatMap(([day, expected]) => {
        const own = replied[iso3]?.metric_b[day];
        return [distance(own?.prevalence, expected.prevalence), distance(own?.variance, expected.variance)];
      }),
    );
    expect(distances).toHaveLength(2 * 2 * 366);
    expect(Math.max(...distances)).toBeLessThan(TOLERANCE);
  });

  test('the default reply is smaller than a tenth of Lambda’s limit', async () => {
    const { body } = await handler(httpEvent('GET /metrics'));

    expect(Buffer.byteLength(body ?? '')).toBeLessThan(LAMBDA_PAYLOAD_BYTES / 10);
  });

  test('a second import of the same files changes nothing', async () => {
    const before = await handler(httpEvent('GET /metrics'));

    for (const file of Object.values(files))
      expect(await saveApiRows(proxy, rowsOf(file))).toMatchObject({ changed: 0 });

    const after = await handler(httpEvent('GET /metrics'));
    expect([after.headers?.['etag'], after.body]).toEqual([before.headers?.['etag'], before.body]);
  });

  test('all rows and indicators in the file of another country are stored', async () => {
    const rows = rowsOf(COD);

    const saved = await saveApiRows(proxy, rows);

    expect(rows).toHaveLength(26 * 31);
    expect(saved).toEqual({ changed: 26 * 31 * INDICATORS.length, unchanged: 0 });
    for (const indicator of INDICATORS) {
      const { COD: country } = await figures({ country: 'COD', from: '2023-07-05', to: '2023-08-04', indicator });
      expect(country?.metric_a).toHaveLength(26);
      expect(Object.keys(country?.metric_b ?? {})).toHaveLength(31);
    }
  });
}

if (existsSync(FOLDER)) {
  describe.each(databaseKinds)('the published figures on %s', (kind) => {
    acceptance(kind);
  });
} else {
  test(`SKIPPED: no published figures are compared, because ${FOLDER} is missing`, () => {
    expect(existsSync(FOLDER)).toBe(false);
  });
}
