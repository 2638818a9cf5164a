/** Saves rows of the HungerMap API through the proxy. */
import {
  INDICATORS,
  METRIC_LIMITS,
  SAMPLE,
  type Area,
  type AreaMetric,
  type Input,
} from '../../db-proxy-lambda/contract.ts';
import { isTransient, type DbProxy } from '../shared/db-proxy-client.ts';
import { retry, TransientError, type RetryPolicy } from '../shared/retry.ts';
import type { HungerMapRow } from './rows.ts';

/** Number of values written, and number that were stored already. A value is one metric of one area on one day. */
export interface Saved {
  changed: number;
  unchanged: number;
}

/** Four tries, with pauses of 1, 2 and 4 seconds; longer if the source asks for it, at most 20 seconds. */
export const ingestRetryPolicy = (wait: RetryPolicy['wait']): RetryPolicy => ({
  tries: 4,
  isRepeatable: (error) => error instanceof TransientError || isTransient(error),
  pauseMs: (attempt, retryAfterMs) => Math.min(20_000, Math.max(retryAfterMs, 1_000 * 2 ** (attempt - 1))),
  wait,
});

/**
 * Saves rows in calls within the proxy's limits. Idempotent.
 *
 * @throws {DbProxyError} if a call failed at every try; earlier calls stay saved
 */
export async function saveRows(
  { dbProxy, wait }: { dbProxy: DbProxy; wait: RetryPolicy['wait'] },
  rows: readonly HungerMapRow[],
): Promise<Saved> {
  const total = { changed: 0, unchanged: 0 };
  for (const batch of toBatches(rows)) {
    const { changed, unchanged } = await retry(ingestRetryPolicy(wait), () => dbProxy.call('saveAreaMetrics', batch));
    total.changed += changed;
    total.unchanged += unchanged;
  }
  return total;
}

/** A batch holds values of one country, either all real or all sample, and at most as many as the proxy accepts. */
export function* toBatches(rows: readonly HungerMapRow[]): Generator<Input<'saveAreaMetrics'>> {
  const groups = Map.groupBy(rows, ({ country, dataType }) => `${country.iso3} ${dataType === SAMPLE}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { iso3, name } = first.country;
    const areas = latestAreas(group);
    const values = group.flatMap(toValues);
    for (let start = 0; start < values.length; start += METRIC_LIMITS.values) {
      const part = values.slice(start, start + METRIC_LIMITS.values);
      const ids = new Set(part.map((each) => each.area_id));
      yield {
        iso3,
        country: name ?? iso3,
        sample: first.dataType === SAMPLE,
        areas: areas.filter((area) => ids.has(area.area_id)),
        values: part,
      };
    }
  }
}

/** Each area once, as its latest row describes it. */
function latestAreas(rows: readonly HungerMapRow[]): Area[] {
  const byDate = rows.toSorted((one, other) => one.date.localeCompare(other.date));
  return [...new Map(byDate.map((row) => [row.region.id, toArea(row)])).values()];
}

function toArea({ region: { id, name, population }, date }: HungerMapRow): Area {
  return { area_id: id, name, population, seen_on: date };
}

/** One value for each indicator of the row that has at least one of its two numbers. */
function toValues({ region, date, dataType, metrics }: HungerMapRow): AreaMetric[] {
  return INDICATORS.flatMap((indicator) => {
    const { people = null, prevalence = null } = metrics?.[indicator] ?? {};
    if (people === null && prevalence === null) return [];
    return {
      area_id: region.id,
      indicator,
      day: date,
      data_type: dataType,
      population: region.population,
      people,
      prevalence,
    };
  });
}
