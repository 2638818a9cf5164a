import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { apiRow, fcs, metricsEvent, saveApiRows } from '../../tests/support/metrics.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import type { HttpEvent, HttpResponse } from '../shared/http.ts';
import type { CountryFigures } from './figures.ts';
import { createHandler } from './routes.ts';

const REAL = [
  apiRow({ id: 1, date: '2022-06-01', metrics: fcs(100) }),
  apiRow({ id: 2, date: '2022-06-01', population: 3_000, metrics: fcs(700, 3_000) }),
  apiRow({ iso3: 'BFA', id: 3, date: '2022-06-02', metrics: fcs(500) }),
];
const SAMPLE = [apiRow({ dataType: 'SAMPLE', name: 'Invented', metrics: fcs(900) })];

function withEtag(event: HttpEvent, { headers }: HttpResponse): HttpEvent {
  return { ...event, headers: { ...event.headers, 'if-none-match': String(headers?.['etag']) } };
}

describe.each(databaseKinds)('GET /metrics on %s', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  let handler: ReturnType<typeof createHandler>;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    logger = new RecordingLogger();
    handler = createHandler({ dbProxy: proxy, logger });
  });
  afterEach(() => proxy.stop());

  const get = (query: Record<string, string> = {}): Promise<HttpResponse> =>
    handler(httpEvent('GET /metrics', { query }));

  async function faultsOf(event: HttpEvent): Promise<string[]> {
    const { statusCode, headers, body = '' } = await handler(event);
    expect([statusCode, headers?.['content-type']]).toEqual([422, 'application/problem+json']);
    const problem: { errors: { pointer: string }[] } = JSON.parse(body);
    return problem.errors.map((each) => each.pointer);
  }

  test('returns both metrics of both countries', async () => {
    await saveApiRows(proxy, REAL);

    const { status, headers, body } = readReply(await handler(metricsEvent('get-metrics')));

    expect(status).toBe(200);
    expect(body).toEqual({
      COL: {
        metric_a: [
          {
            region: { id: 1, name: 'Area 1', population: 1_000 },
            average: { '2022-6': { people: 100, prevalence: 0.1 } },
          },
          {
            region: { id: 2, name: 'Area 2', population: 3_000 },
            average: { '2022-6': { people: 700, prevalence: 700 / 3_000 } },
          },
        ],
        metric_b: { '2022-06-01': { people: 800, prevalence: 0.2, variance: expect.closeTo(1 / 300, 12) } },
      },
      BFA: {
        metric_a: [expect.objectContaining({ average: { '2022-6': { people: 500, prevalence: 0.5 } } })],
        metric_b: { '2022-06-02': { people: 500, prevalence: 0.5, variance: 0 } },
      },
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'private, no-cache',
      'x-as-of': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      etag: expect.stringMatching(/^"[\w-]+"$/),
    });
    expect(headers).not.toHaveProperty('x-data-type');
  });

  test('filters by country, indicator and period, which includes its first and last day', async () => {
    await saveApiRows(proxy, [
      ...REAL,
      apiRow({ date: '2022-05-31' }),
      apiRow({ date: '2022-06-30' }),
      apiRow({ date: '2022-07-01' }),
      apiRow({ metrics: { rcsi: { people: 7, prevalence: 0.007 } } }),
    ]);

    const filtered = await handler(metricsEvent('get-metrics-filtered'));
    const rcsi = readReply(await get({ country: 'col', indicator: 'rcsi' }));

    const figures: Record<string, CountryFigures> = JSON.parse(filtered.body ?? '');
    expect(Object.keys(figures)).toEqual(['COL']);
    const days = Object.entries(figures['COL']?.metric_b ?? {}).map(([day, { people }]) => [day, people]);
    expect(days).toEqual([
      ['2022-06-01', 800],
      ['2022-06-30', 100],
    ]);
    expect(rcsi.body).toMatchObject({ COL: { metric_b: { '2022-06-01': { people: 7 } } } });
  });

  test('is empty, without X-As-Of, before there are figures', async () => {
    const { status, headers, body } = readReply(await get());

    const nothing = { metric_a: [], metric_b: {} };
    expect([status, body]).toEqual([200, { COL: nothing, BFA: nothing }]);
    expect(headers).not.toHaveProperty('x-as-of');
  });

  test('lists all invalid parameters', async () => {
    expect(await faultsOf(metricsEvent('get-metrics-invalid'))).toEqual([
      '/country',
      '/from',
      '/to',
      '/indicator',
      '/data',
      '/page',
    ]);
    expect(await faultsOf(metricsEvent('get-metrics-invalid-period'))).toEqual(['/to']);
    expect(await faultsOf(httpEvent('GET /metrics', { query: { from: '2010-01-01' } }))).toEqual(['/from']);
    for (const country of ['', 'COL,', 'CO', 'COL;BFA', 'XYZ', 'AAA,BBB,CCC,DDD,EEE,FFF,GGG,HHH,III,JJJ,KKK']) {
      expect(await faultsOf(httpEvent('GET /metrics', { query: { country } }))).toEqual(['/country']);
    }
    expect(await faultsOf(metricsEvent('get-metrics-chart-invalid'))).toEqual(['/country']);
  });

  test('serves the sample, marked SAMPLE, only until there are real rows', async () => {
    await saveApiRows(proxy, SAMPLE);
    const before = readReply(await get());
    await saveApiRows(proxy, REAL);
    const after = readReply(await get());
    const asked = readReply(await handler(metricsEvent('get-metrics-sample')));

    expect(before.headers).toMatchObject({ 'x-data-type': 'SAMPLE' });
    expect(before.body).toMatchObject({ COL: { metric_a: [{ region: { name: 'Invented' } }] } });
    expect(after.headers).not.toHaveProperty('x-data-type');
    expect(JSON.stringify(after.body)).not.toContain('Invented');
    expect(asked.headers).toMatchObject({ 'x-data-type': 'SAMPLE' });
    expect(asked.body).toEqual(before.body);
    expect(new Set([before, after, asked].map(({ headers }) => headers['etag'])).size).toBe(3);
  });

  test('replies 304 to a caller with the current ETag, without reading rows', async () => {
    await saveApiRows(proxy, REAL);
    const first = await get();
    proxy.calls.length = 0;

    const again = await handler(withEtag(httpEvent('GET /metrics'), first));

    expect(again).toEqual({ statusCode: 304, headers: expect.objectContaining({ etag: first.headers?.['etag'] }) });
    expect(proxy.calls.map((call) => call.operation)).toEqual(['listMetricSeries']);
    expect((await handler(metricsEvent('get-metrics-cached'))).statusCode).toBe(304);
  });

  test('keeps its ETag when the same rows are saved again, and changes it after a correction', async () => {
    await saveApiRows(proxy, REAL);
    const first = await get();
    const etag = first.headers?.['etag'];

    await saveApiRows(proxy, REAL);
    const same = await handler(withEtag(httpEvent('GET /metrics'), first));
    await saveApiRows(proxy, [apiRow({ metrics: fcs(101) })]);
    const corrected = await handler(withEtag(httpEvent('GET /metrics'), first));

    expect(same.statusCode).toBe(304);
    expect(corrected.statusCode).toBe(200);
    expect(corrected.headers?.['etag']).not.toBe(etag);
  });

  test('returns a chart that runs no script, with its own ETag', async () => {
    await saveApiRows(proxy, REAL);

    const chart = await handler(metricsEvent('get-metrics-chart'));

    expect(chart.statusCode).toBe(200);
    expect(chart.body).toMatch(/^<svg .*\n<title>Colombia: /);
    expect(chart.headers).toMatchObject({
      'content-type': 'image/svg+xml; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
    });
    expect(chart.headers?.['etag']).not.toBe((await get({ country: 'COL' })).headers?.['etag']);
    expect((await handler(withEtag(metricsEvent('get-metrics-chart'), chart))).statusCode).toBe(304);
  });

  test('replies 503 without the reason while the database is unavailable', async () => {
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    const { status, headers, body } = readReply(await get());

    expect([status, headers['retry-after']]).toEqual([503, '10']);
    expect(JSON.stringify(body)).not.toContain('DATABASE');
    expect(logger.text).toContain('DATABASE_UNAVAILABLE');
  });
});
