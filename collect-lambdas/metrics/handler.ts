/** Food-security metrics of areas: the figures as JSON, and a country's as a chart. */
import type { CountryMetrics } from '../../db-proxy-lambda/contract.ts';
import { isCached } from '../shared/etag.ts';
import { jsonResponse, routeRequests, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { drawChart } from './chart.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { toFigures } from './figures.ts';
import { chartQuery, metricsQuery, readMetricsQuery, type MetricsQuery } from './query.ts';
import { chooseSource, etagOf, type Source } from './source.ts';

/** An SVG may hold scripts and links; this one is a picture with its own styles, wherever it is opened. */
const CHART_HEADERS = {
  'content-type': 'image/svg+xml; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  'x-content-type-options': 'nosniff',
};

export function createHandler(dependencies: ProxyAlone) {
  return routeRequests(
    {
      'GET /metrics': (event) => getMetrics(dependencies, event),
      'GET /metrics/chart': (event) => getChart(dependencies, event),
    },
    dependencies.logger,
  );
}

async function getMetrics(dependencies: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const query = readMetricsQuery(event, metricsQuery);
  return answerFrom(dependencies, event, query, (countries, _source, headers) =>
    jsonResponse(200, Object.fromEntries(countries.map((each) => [each.iso3, toFigures(each)])), headers),
  );
}

async function getChart(dependencies: ProxyAlone, event: HttpEvent): Promise<HttpResponse> {
  const query = readMetricsQuery(event, chartQuery);
  return answerFrom(dependencies, event, query, (countries, { sample, series }, headers) => {
    const country = series[0]?.country ?? query.countries.join();
    const days = countries.flatMap((each) => Object.entries(toFigures(each).metric_b));
    const body = drawChart({ country, sample, days, indicator: query.indicator, from: query.from, to: query.to });
    return { statusCode: 200, headers: { ...CHART_HEADERS, ...headers }, body };
  });
}

/** Chooses the rows, answers 304 when the caller has what they give, and otherwise reads them. */
async function answerFrom(
  { dbProxy }: ProxyAlone,
  event: HttpEvent,
  query: MetricsQuery,
  toResponse: (countries: CountryMetrics[], source: Source, headers: Record<string, string>) => HttpResponse,
): Promise<HttpResponse> {
  const { series } = await dbProxy.call('listMetricSeries', {});
  const source = chooseSource(query, series);
  const etag = etagOf(event.routeKey, query, source);
  const headers = headersOf(source, etag);
  if (isCached(event.headers['if-none-match'], etag)) return { statusCode: 304, headers };
  // The revisions were read before the rows: a save in between makes the ETag too old, never too new.
  const { countries, from, to, indicator } = query;
  const { sample } = source;
  const read = await dbProxy.call('readMetrics', { countries, from, to, indicator, sample });
  return toResponse(read.countries, source, headers);
}

/** `no-cache`: to be kept, and asked for again each time, which is cheap. An answer kept longer could be a sample's. */
function headersOf({ sample, asOf }: Source, etag: string): Record<string, string> {
  return {
    etag,
    'cache-control': 'private, no-cache',
    ...(asOf !== undefined && { 'x-as-of': asOf }),
    ...(sample && { 'x-data-type': 'SAMPLE' }),
  };
}
