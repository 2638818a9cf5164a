import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEventFile } from '../../tests/support/event-file.ts';
import { FakeHungerMap } from '../../tests/support/fake-hunger-map.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { apiRow, fcs } from '../../tests/support/metrics.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import type { Dependencies } from './dependencies.ts';
import { createHandler } from './handler.ts';

const TODAY = Date.parse('2022-06-30T05:00:00Z');
const GOOD = [apiRow({ id: 1 }), apiRow({ id: 2 })];
const GOOD_BFA = [apiRow({ iso3: 'BFA', id: 3, metrics: fcs(500) })];

describe.each(databaseKinds)('the ingest of metrics on %s', (kind) => {
  let proxy: InProcessProxy;
  let api: FakeHungerMap;
  let logger: RecordingLogger;
  let waited: number[];
  let objects: Record<string, string>;
  let dependencies: Dependencies;
  beforeEach(async () => {
    [proxy, api] = await Promise.all([InProcessProxy.start(kind), FakeHungerMap.start()]);
    [logger, waited, objects] = [new RecordingLogger(), [], {}];
    dependencies = {
      dbProxy: proxy,
      logger,
      hungerMap: { url: api.url, token: '' },
      countries: ['COL', 'BFA'],
      readObject: (bucket, key) => {
        const text = objects[`${bucket}/${key}`];
        return text === undefined ? Promise.reject(new Error('NoSuchKey')) : Promise.resolve(text);
      },
      now: () => TODAY,
      wait: (milliseconds) => Promise.resolve(waited.push(milliseconds)),
    };
  });
  afterEach(() => Promise.all([proxy.stop(), api.stop()]));

  const send = async (event: unknown) => (await createHandler(dependencies)(event)).ingests;
  const eventFile = (name: string): unknown => httpEventFile('metrics-ingest', name);
  const runDaily = () => send(eventFile('scheduled'));

  async function peopleOf(iso3: string): Promise<(number | null)[]> {
    const period = { from: '2022-06-01', to: '2023-07-01' };
    const { countries } = await proxy.call('readMetrics', {
      countries: [iso3],
      indicator: 'fcs',
      sample: false,
      ...period,
    });
    return countries.flatMap((country) => country.days.map((day) => day.people));
  }

  test('requests the last 30 days of each country and saves the rows of both formats of reply', async () => {
    api.answer('COL', { body: { statusCode: '200', body: GOOD } });
    api.answer('BFA', { body: GOOD_BFA });

    const ingests = await runDaily();

    const nothingBad = { rejected: 0, first_rejected: [], unchanged: 0 };
    expect(ingests).toEqual([
      { from: 'COL', ok: true, rows: 2, changed: 2, ...nothingBad },
      { from: 'BFA', ok: true, rows: 1, changed: 1, ...nothingBad },
    ]);
    const period = { from: '2022-06-01', to: '2022-06-30', authorization: undefined };
    expect(api.requests).toEqual([
      { iso3: 'COL', ...period },
      { iso3: 'BFA', ...period },
    ]);
    expect([await peopleOf('COL'), await peopleOf('BFA')]).toEqual([[200], [500]]);
  });

  test('sends the token if there is one, and never logs it', async () => {
    dependencies.hungerMap.token = 'secret-token';
    api.answer('COL', { status: 403 });
    api.answer('BFA', { body: GOOD_BFA });

    await runDaily();

    expect(api.requests.map((each) => each.authorization)).toEqual(['Bearer secret-token', 'Bearer secret-token']);
    expect(logger.text).not.toContain('secret-token');
  });

  test('continues with the other country when one fails, and reports the failure in the result and the log', async () => {
    api.answer('COL', { status: 404 });
    api.answer('BFA', { body: GOOD_BFA });

    const ingests = await runDaily();

    expect(ingests).toEqual([
      { from: 'COL', ok: false, reason: 'The HungerMap API answered 404 for COL.' },
      expect.objectContaining({ from: 'BFA', ok: true, changed: 1 }),
    ]);
    expect(waited).toEqual([]);
    expect(logger.text).toContain('The HungerMap API answered 404 for COL.');
    expect(await peopleOf('BFA')).toEqual([500]);
  });

  test('retries after 429, 5xx, a broken connection and a truncated reply, with growing pauses', async () => {
    api.answer('COL', { status: 500 }, { hangUp: true }, { body: '[{"country":' }, { body: GOOD });
    api.answer('BFA', { status: 429, headers: { 'retry-after': '7' } }, { status: 503 }, { body: GOOD_BFA });

    const ingests = await runDaily();

    expect(ingests.map((each) => each.ok)).toEqual([true, true]);
    expect(waited).toEqual([1_000, 2_000, 4_000, 7_000, 2_000]);
  });

  test('makes at most four tries and waits at most 20 seconds between them, even if the API asks for more', async () => {
    api.answer('COL', { status: 429, headers: { 'retry-after': '3600' } });
    api.answer('BFA', { body: { statusCode: '502', body: 'Bad gateway' } }, { body: GOOD_BFA });

    const ingests = await runDaily();

    expect(ingests[0]).toEqual({ from: 'COL', ok: false, reason: 'The HungerMap API answered 429 for COL.' });
    expect(ingests[1]).toMatchObject({ ok: true });
    expect(waited).toEqual([20_000, 20_000, 20_000, 1_000]);
  });

  test('fails if every country failed, so that the run is repeated and the alarm fires', async () => {
    api.answer('COL', { status: 401 });
    api.answer('BFA', { body: { message: 'Moved to another address' } });

    await expect(runDaily()).rejects.toThrow(
      'No source could be ingested. COL: The HungerMap API answered 401 for COL. BFA: The reply has no list of rows in its body.',
    );
  });

  test('requests nothing if there is no country to fetch', async () => {
    dependencies = { ...dependencies, countries: [] };

    expect(await runDaily()).toEqual([]);

    expect(proxy.calls).toEqual([]);
  });

  test('keeps the last good data when the API fails', async () => {
    api.answer('COL', { body: GOOD });
    api.answer('BFA', { status: 404 });
    await runDaily();
    const before = await proxy.call('listMetricSeries', {});

    api.answer('COL', { status: 404 });
    await expect(runDaily()).rejects.toThrow('No source could be ingested.');

    expect(await proxy.call('listMetricSeries', {})).toEqual(before);
    expect(await peopleOf('COL')).toEqual([200]);
  });

  test('saves the valid rows and reports the invalid ones', async () => {
    const [first, second] = await send(eventFile('invalid-rows'));
    api.answer('COL', { body: [...GOOD, 'no row', ...GOOD_BFA] });
    api.answer('BFA', { status: 404 });
    const daily = await runDaily();

    expect(first).toMatchObject({ from: 'rows', ok: true, rows: 2, rejected: 1, changed: 1 });
    expect(first).toMatchObject({
      first_rejected: [{ index: 0, errors: [{ pointer: '/date' }, { pointer: '/metrics/fcs/prevalence' }] }],
    });
    expect(second).toBeUndefined();
    expect(daily[0]).toMatchObject({
      rejected: 2,
      first_rejected: [
        { index: 2, errors: [{ pointer: '' }] },
        { index: 3, errors: [{ pointer: '/country/iso3', detail: 'This is not COL.' }] },
      ],
    });
  });

  test('accepts a row without a metric and saves no value for it', async () => {
    const ingests = await send(eventFile('rows'));

    expect(ingests).toMatchObject([{ ok: true, rows: 2, rejected: 0, changed: 1 }]);
    expect(await peopleOf('COL')).toEqual([689239.8141059004]);
  });

  test('reads a file uploaded to S3, whatever characters its key contains', async () => {
    const bucket = 'collect-metricsdropbucket-1abcdefghijkl';
    objects[`${bucket}/2023/COD region (July).json`] = JSON.stringify({ statusCode: '200', body: GOOD });

    const ingests = await send(eventFile('dropped'));

    expect(ingests).toMatchObject([{ from: `s3://${bucket}/2023/COD region (July).json`, ok: true, changed: 2 }]);
  });

  test('fails with the file’s key if an uploaded file is missing or not JSON', async () => {
    const key = 'collect-metricsdropbucket-1abcdefghijkl/2023/COD region (July).json';
    await expect(send(eventFile('dropped'))).rejects.toThrow('It could not be read or saved');

    objects[key] = 'area;people';
    await expect(send(eventFile('dropped'))).rejects.toThrow(`s3://${key}: The file is not JSON.`);
  });

  test('counts rows that arrive again as unchanged', async () => {
    api.answer('COL', { body: GOOD });
    api.answer('BFA', { body: GOOD_BFA });
    await runDaily();

    expect(await runDaily()).toMatchObject([
      { changed: 0, unchanged: 2 },
      { changed: 0, unchanged: 1 },
    ]);
  });

  test('retries while the proxy is unreachable, and reports the error code as the reason', async () => {
    api.answer('COL', { body: GOOD });
    api.answer('BFA', { body: GOOD_BFA });
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    await expect(runDaily()).rejects.toThrow('COL: The call of the db-proxy failed: DATABASE_UNAVAILABLE.');
    expect(waited).toEqual([1_000, 2_000, 4_000, 1_000, 2_000, 4_000]);
  });

  test('refuses an unknown event with an explanation', async () => {
    await expect(send(eventFile('invalid'))).rejects.toThrow(
      'Send a scheduled event, an S3 event, or {"rows": [...]}.',
    );
  });
});
