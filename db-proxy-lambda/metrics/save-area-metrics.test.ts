import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { apiRow, fcs, saveApiRows } from '../../tests/support/metrics.ts';
import type { CountryMetrics, MetricSeries } from '../contract.ts';

describe.each(databaseKinds)('saving and reading metrics on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const save = (...rows: unknown[]) => saveApiRows(proxy, rows);

  async function read(sample = false): Promise<CountryMetrics | undefined> {
    const period = { from: '2022-06-01', to: '2022-07-31' };
    const { countries } = await proxy.call('readMetrics', { countries: ['COL'], indicator: 'fcs', sample, ...period });
    return countries[0];
  }

  async function series(): Promise<MetricSeries[]> {
    return (await proxy.call('listMetricSeries', {})).series;
  }

  test('months are means of the days of one area, and days are sums over the areas', async () => {
    await save(
      apiRow({ id: 1, date: '2022-06-01', metrics: fcs(100) }),
      apiRow({ id: 1, date: '2022-06-30', metrics: fcs(300) }),
      apiRow({ id: 1, date: '2022-07-01', metrics: fcs(500) }),
      apiRow({ id: 2, date: '2022-06-01', population: 4_000, metrics: fcs(1_000, 4_000) }),
    );

    const country = await read();

    expect(country?.areas).toEqual([
      {
        area_id: 1,
        name: 'Area 1',
        population: 1_000,
        months: [
          ['2022-06', 200, 0.2],
          ['2022-07', 500, 0.5],
        ],
      },
      { area_id: 2, name: 'Area 2', population: 4_000, months: [['2022-06', 1_000, 0.25]] },
    ]);
    expect(country?.days.map(({ day, people, population }) => [day, people, population])).toEqual([
      ['2022-06-01', 1_100, 5_000],
      ['2022-06-30', 300, 1_000],
      ['2022-07-01', 500, 1_000],
    ]);
    expect(country?.days[0]).toMatchObject({ weight: 5_000, weighted_prevalence: 1_100, weighted_squares: 260 });
  });

  test('a missing value is excluded only from its own mean and sums', async () => {
    await save(
      apiRow({ id: 1, date: '2022-06-01', metrics: { fcs: { people: 100 } } }),
      apiRow({ id: 1, date: '2022-06-02', metrics: { fcs: { people: 300, prevalence: 0.3 } } }),
      apiRow({ id: 1, date: '2022-06-03', metrics: { fcs: null } }),
      apiRow({ id: 1, date: '2022-06-04', metrics: {} }),
      apiRow({ id: 1, date: '2022-06-05', metrics: null }),
      apiRow({ id: 2, date: '2022-06-01', metrics: { fcs: { people: null, prevalence: 0.5 } } }),
    );

    const country = await read();

    expect(country?.areas.map((area) => area.months)).toEqual([[['2022-06', 200, 0.3]], [['2022-06', null, 0.5]]]);
    expect(country?.days).toEqual([
      {
        day: '2022-06-01',
        people: 100,
        population: 1_000,
        weight: 1_000,
        weighted_prevalence: 500,
        weighted_squares: 250,
      },
      expect.objectContaining({ day: '2022-06-02', people: 300, population: 1_000, weight: 1_000 }),
    ]);
  });

  test('saving the same rows again only changes `as_of`', async () => {
    const rows = [apiRow({ id: 1 }), apiRow({ id: 2 }), apiRow({ id: 2, metrics: { rcsi: { people: 0.1 + 0.2 } } })];
    expect(await save(...rows)).toEqual({ changed: 3, unchanged: 0 });
    const [before, content] = [await series(), await read()];

    expect(await save(...rows)).toEqual({ changed: 0, unchanged: 3 });

    const after = await series();
    expect(after.map(({ as_of: _asOf, ...rest }) => rest)).toEqual(before.map(({ as_of: _asOf, ...rest }) => rest));
    expect(after.every((each, index) => each.as_of >= (before[index]?.as_of ?? ''))).toBe(true);
    expect(await read()).toEqual(content);
  });

  test('a corrected value replaces the stored one and advances the revision of its own series only', async () => {
    await save(apiRow({ metrics: { ...fcs(100), rcsi: { people: 1 } } }), apiRow({ date: '2022-06-02' }));

    const saved = await save(apiRow({ metrics: { ...fcs(300), rcsi: { people: 1 } } }), apiRow({ date: '2022-06-02' }));

    expect(saved).toEqual({ changed: 1, unchanged: 2 });
    expect((await series()).map((each) => [each.indicator, each.revision])).toEqual([
      ['fcs', 2],
      ['rcsi', 1],
    ]);
    expect((await read())?.areas[0]?.months).toEqual([['2022-06', 200, 0.2]]);
  });

  test('sample rows and real rows of the same area and day are kept apart', async () => {
    await save(apiRow({ metrics: fcs(100) }), apiRow({ dataType: 'SAMPLE', name: 'Invented', metrics: fcs(900) }));

    const [real, sample] = [await read(false), await read(true)];

    expect(real?.areas).toEqual([expect.objectContaining({ name: 'Area 1', months: [['2022-06', 100, 0.1]] })]);
    expect(sample?.areas).toEqual([expect.objectContaining({ name: 'Invented', months: [['2022-06', 900, 0.9]] })]);
    expect((await series()).map((each) => each.sample)).toEqual([false, true]);
  });

  test('an area has the name of its last day, in whatever order days are saved', async () => {
    await save(apiRow({ date: '2022-06-02', name: 'New name', population: 2_000 }));
    await save(apiRow({ date: '2022-06-01', name: 'Old name', population: 1_000 }));

    expect((await read())?.areas).toEqual([expect.objectContaining({ name: 'New name', population: 2_000 })]);
    expect((await read())?.days.map((day) => day.population)).toEqual([1_000, 2_000]);
  });

  test('a new name of an area advances the revision of every indicator of its country', async () => {
    await save(apiRow({ metrics: { ...fcs(100), rcsi: { people: 1 } } }));

    await save(apiRow({ name: 'Renamed' }));

    expect((await series()).map((each) => [each.indicator, each.revision])).toEqual([
      ['fcs', 2],
      ['rcsi', 2],
    ]);
  });

  test('the last of two rows for one area and day in a save is stored', async () => {
    await save(apiRow({ metrics: fcs(100) }), apiRow({ metrics: fcs(200) }));

    expect((await read())?.areas[0]?.months).toEqual([['2022-06', 200, 0.2]]);
  });

  test('concurrent saves of one series are all stored', async () => {
    const days = Array.from({ length: 20 }, (_, index) => `2022-06-${String(index + 1).padStart(2, '0')}`);

    await Promise.all(days.map((date) => save(apiRow({ date }), apiRow({ id: 2, date }))));

    const country = await read();
    expect(country?.days.map((each) => each.day)).toEqual(days);
    expect((await series())[0]?.revision).toBe(20);
  });

  test('sample rows are refused in a save of real rows, and real rows in a save of sample rows', async () => {
    const owner = { iso3: 'COL', country: 'Colombia' };
    const areas = [{ area_id: 1, name: 'Area 1', population: 1_000, seen_on: '2022-06-01' }];
    const value = { area_id: 1, indicator: 'fcs', day: '2022-06-01', population: 1_000, people: 1, prevalence: null };
    for (const [sample, dataType] of [
      [true, 'SURVEY'],
      [false, 'SAMPLE'],
    ]) {
      const input = { ...owner, sample, areas, values: [{ ...value, data_type: dataType }] };
      const reply = await proxy.invoke({ operation: 'saveAreaMetrics', input });
      expect(reply).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } });
    }
    expect(await series()).toEqual([]);
  });

  test('SQL in names is stored as text', async () => {
    const name = `Robert'); drop table areas; -- \\" 村`;

    await save(apiRow({ name, country: name }));

    expect((await read())?.areas[0]?.name).toBe(name);
    expect((await series())[0]?.country).toBe(name);
  });
});
