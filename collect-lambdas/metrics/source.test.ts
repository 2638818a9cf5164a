import type { MetricSeries } from '../../db-proxy-lambda/contract.ts';
import { DEFAULTS, type MetricsQuery } from './query.ts';
import { isCached } from '../shared/etag.ts';
import { chooseSource, etagOf } from './source.ts';

function held(changes: Partial<MetricSeries> = {}): MetricSeries {
  return {
    iso3: 'COL',
    country: 'Colombia',
    indicator: 'fcs',
    sample: false,
    revision: 1,
    changed_at: '2026-09-01T06:00:00.000Z',
    as_of: '2026-09-01T06:00:00.000Z',
    ...changes,
  };
}

function query(changes: Partial<MetricsQuery> = {}): MetricsQuery {
  return { ...DEFAULTS, countries: ['COL', 'BFA'], data: undefined, ...changes };
}

describe('choosing between real and sample rows', () => {
  const real = held();
  const sample = held({ iso3: 'BFA', sample: true });

  test('real rows are served if there are any, without sample rows for other countries', () => {
    expect(chooseSource(query(), [sample, real])).toMatchObject({ sample: false, series: [real] });
  });

  test('sample rows are served if there are no real rows', () => {
    expect(chooseSource(query(), [sample])).toMatchObject({ sample: true, series: [sample] });
  });

  test('the requested kind is served, even if it is empty', () => {
    expect(chooseSource(query({ data: 'sample' }), [sample, real])).toMatchObject({ sample: true, series: [sample] });
    expect(chooseSource(query({ data: 'real' }), [sample])).toMatchObject({ sample: false, series: [] });
  });

  test('real rows of another indicator or country do not hide the sample', () => {
    const others = [held({ indicator: 'rcsi' }), held({ iso3: 'COD' })];

    expect(chooseSource(query(), [...others, sample])).toMatchObject({ sample: true, series: [sample] });
  });

  test('the time of a reply is the oldest time of its countries', () => {
    const older = held({ iso3: 'BFA', as_of: '2026-08-01T06:00:00.000Z' });

    expect(chooseSource(query(), [real, older]).asOf).toBe(older.as_of);
    expect(chooseSource(query(), []).asOf).toBeUndefined();
  });

  test('a country without figures is refused by name, unless it is a default', () => {
    const asked = query({ countries: ['COL', 'QQQ', 'COD', 'ZZZ'] });

    const choose = () => chooseSource(asked, [held({ iso3: 'COD' })]);

    expect(choose).toThrow(
      expect.objectContaining({
        body: expect.objectContaining({
          status: 422,
          errors: [{ pointer: '/country', detail: 'There are no figures for QQQ, ZZZ. Send one of BFA, COD, COL.' }],
        }),
      }),
    );
  });
});

describe('the ETag', () => {
  const source = { sample: false, series: [held()], asOf: held().as_of };
  const etag = etagOf('GET /metrics', query(), source);

  test('stays the same for the same data and request, even after the source sent the same data again', () => {
    const again = { ...source, series: [held({ as_of: '2026-09-02T06:00:00.000Z' })] };

    expect(etagOf('GET /metrics', query(), again)).toBe(etag);
    expect(etag).toMatch(/^"[\w-]{27}"$/);
  });

  test('changes with the revision, the database, the kind of rows, the route and each parameter', () => {
    const others = [
      etagOf('GET /metrics', query(), { ...source, series: [held({ revision: 2 })] }),
      etagOf('GET /metrics', query(), { ...source, series: [held({ changed_at: '2026-09-02T06:00:00.000Z' })] }),
      etagOf('GET /metrics', query(), { ...source, sample: true }),
      etagOf('GET /metrics/chart', query(), source),
      etagOf('GET /metrics', query({ from: '2022-06-02' }), source),
      etagOf('GET /metrics', query({ to: '2022-06-02' }), source),
      etagOf('GET /metrics', query({ countries: ['BFA', 'COL'] }), source),
      etagOf('GET /metrics', query({ indicator: 'rcsi' }), source),
    ];

    expect(new Set([etag, ...others]).size).toBe(others.length + 1);
  });

  test('matches If-None-Match alone, in a list, marked as weak, or as a star', () => {
    for (const sent of [etag, `"other", ${etag}`, `W/${etag}`, '*']) expect(isCached(sent, etag)).toBe(true);
    for (const sent of [undefined, '', '"other"', etag.slice(1, -1)]) expect(isCached(sent, etag)).toBe(false);
  });
});
