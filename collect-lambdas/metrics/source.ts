/** Chooses the rows of a reply, and makes their ETag without reading them. */
import { createHash } from 'node:crypto';
import type { MetricSeries } from '../../db-proxy-lambda/contract.ts';
import { Problem } from '../shared/problem.ts';
import { DEFAULTS, type MetricsQuery } from './query.ts';

/** Part of every ETag. Increase it when a change of the code changes replies for the same rows. */
const REPLY_FORMAT = 1;

export interface Source {
  sample: boolean;
  /** The stored series among the requested ones, in the order of the request. */
  series: MetricSeries[];
  /** When the source last updated these series: the oldest of their times. */
  asOf: string | undefined;
}

/**
 * Chooses between real and sample rows, which are never mixed. Sample rows are served if they are requested, or if the
 * countries have no real row of this indicator; the reply then has a header that says so.
 *
 * @throws {Problem} 422 if a country is neither a default nor has any rows
 */
export function chooseSource(query: MetricsQuery, stored: readonly MetricSeries[]): Source {
  refuseUnknownCountries(query, stored);
  const asked = query.countries.flatMap((iso3) =>
    stored.filter((each) => each.iso3 === iso3 && each.indicator === query.indicator),
  );
  const real = asked.filter((each) => !each.sample);
  const samples = asked.filter((each) => each.sample);
  const sample = query.data === 'sample' || (query.data === undefined && real.length === 0 && samples.length > 0);
  const series = sample ? samples : real;
  return { sample, series, asOf: series.map((each) => each.as_of).toSorted()[0] };
}

function refuseUnknownCountries({ countries }: MetricsQuery, stored: readonly MetricSeries[]): void {
  const known = new Set<string>([...DEFAULTS.countries, ...stored.map((each) => each.iso3)]);
  const unknown = countries.filter((iso3) => !known.has(iso3));
  if (unknown.length === 0) return;
  const detail = `There are no figures for ${unknown.join(', ')}. Send one of ${[...known].toSorted().join(', ')}.`;
  throw new Problem('invalid-parameter', { errors: [{ pointer: '/country', detail }] });
}

/**
 * The reply's ETag, from the request and the revisions of the series. It also depends on `changed_at`, because
 * revisions start at 1 again if the database is recreated.
 */
export function etagOf(route: string, query: MetricsQuery, { sample, series }: Source): string {
  const revisions = series.map((each) => [each.iso3, each.revision, each.changed_at]);
  const text = JSON.stringify([REPLY_FORMAT, route, query, sample, revisions]);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}
