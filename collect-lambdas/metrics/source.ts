/** Which rows a reply is made from, and what is known of them without reading them. */
import { createHash } from 'node:crypto';
import type { MetricSeries } from '../../db-proxy-lambda/contract.ts';
import { Problem } from '../shared/problem.ts';
import { DEFAULTS, type MetricsQuery } from './query.ts';

/** Part of every ETag. Raise it when the same rows give another reply. */
const REPLY_FORMAT = 1;

export interface Source {
  sample: boolean;
  /** The series that are asked for and there, in the order of the question. */
  series: MetricSeries[];
  /** When all of them were last given by their source: the oldest of their times. */
  asOf: string | undefined;
}

/**
 * Chooses between real and sample rows. They are never mixed: sample rows are served when they are asked for, or when
 * there is no real row of this indicator in any of the countries; the reply then says so.
 *
 * @throws {Problem} 422 when a country is not one of the defaults and nothing is held of it
 */
export function chooseSource(query: MetricsQuery, held: readonly MetricSeries[]): Source {
  refuseUnknownCountries(query, held);
  const asked = query.countries.flatMap((iso3) =>
    held.filter((each) => each.iso3 === iso3 && each.indicator === query.indicator),
  );
  const real = asked.filter((each) => !each.sample);
  const samples = asked.filter((each) => each.sample);
  const sample = query.data === 'sample' || (query.data === undefined && real.length === 0 && samples.length > 0);
  const series = sample ? samples : real;
  return { sample, series, asOf: series.map((each) => each.as_of).toSorted()[0] };
}

function refuseUnknownCountries({ countries }: MetricsQuery, held: readonly MetricSeries[]): void {
  const known = new Set<string>([...DEFAULTS.countries, ...held.map((each) => each.iso3)]);
  const unknown = countries.filter((iso3) => !known.has(iso3));
  if (unknown.length === 0) return;
  const detail = `Nothing is held of ${unknown.join(', ')}; there is ${[...known].toSorted().join(', ')}.`;
  throw new Problem('invalid-parameter', { errors: [{ pointer: '/country', detail }] });
}

/**
 * The answer's ETag, from the question and the revisions of the rows behind it; the rows themselves are not read.
 * `changed_at` is part of it because a database that was made anew counts its revisions from the start.
 */
export function etagOf(route: string, query: MetricsQuery, { sample, series }: Source): string {
  const revisions = series.map((each) => [each.iso3, each.revision, each.changed_at]);
  const text = JSON.stringify([REPLY_FORMAT, route, query, sample, revisions]);
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}
