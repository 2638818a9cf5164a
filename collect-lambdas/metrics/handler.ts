/** Food-security metrics of areas, as JSON or as the chart of a country. */
import type { CountryMetrics } from '../../db-proxy-lambda/contract.ts';
import type { ProxyAlone } from '../shared/dependencies.ts';
import { isCached } from '../shared/etag.ts';
import { jsonResponse, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import type { Request } from '../shared/route.ts';
import { svgResponse } from '../shared/svg.ts';
import { drawChart } from './chart.ts';
import { toFigures } from './figures.ts';
import { checkPeriod, type chartQuery, type metricsQuery, type MetricsQuery } from './query.ts';
import { chooseSource, etagOf, type Source } from './source.ts';

export async function getMetrics(
  dependencies: ProxyAlone,
  { event, query }: Request<typeof metricsQuery>,
): Promise<HttpResponse> {
  return replyFrom(dependencies, event, checkPeriod(query), (countries, _source, headers) =>
    jsonResponse(200, Object.fromEntries(countries.map((each) => [each.iso3, toFigures(each)])), headers),
  );
}

export async function getChart(
  dependencies: ProxyAlone,
  { event, query: sent }: Request<typeof chartQuery>,
): Promise<HttpResponse> {
  const query = checkPeriod(sent);
  return replyFrom(dependencies, event, query, (countries, { sample, series }, headers) => {
    const country = series[0]?.country ?? query.countries.join();
    const days = countries.flatMap((each) => Object.entries(toFigures(each).metric_b));
    const { indicator, from, to } = query;
    return svgResponse(drawChart({ country, sample, days, indicator, from, to }), headers);
  });
}

/** Chooses real or sample rows. Replies 304 if the caller has their figures already, else reads the rows. */
async function replyFrom(
  { dbProxy }: ProxyAlone,
  event: HttpEvent,
  query: MetricsQuery,
  toResponse: (countries: CountryMetrics[], source: Source, headers: Record<string, string>) => HttpResponse,
): Promise<HttpResponse> {
  const { series } = await dbProxy.call('listMetricSeries', {});
  const source = chooseSource(query, series);
  const etag = etagOf(event.routeKey, query, source);
  const { sample, asOf } = source;
  const headers = {
    etag,
    // Clients revalidate each time, which is cheap. Otherwise they could show sample figures for too long.
    'cache-control': 'private, no-cache',
    ...(asOf !== undefined && { 'x-as-of': asOf }),
    ...(sample && { 'x-data-type': 'SAMPLE' }),
  };
  if (isCached(event.headers['if-none-match'], etag)) return { statusCode: 304, headers };
  // The revisions are read before the rows, so a concurrent save makes the ETag too old, never too new.
  const { countries, from, to, indicator } = query;
  const read = await dbProxy.call('readMetrics', { countries, from, to, indicator, sample });
  return toResponse(read.countries, source, headers);
}
