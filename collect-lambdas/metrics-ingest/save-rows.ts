/** From rows of the HungerMap API to what the proxy saves. */
import {
  INDICATORS,
  METRIC_LIMITS,
  SAMPLE,
  type Area,
  type AreaMetric,
  type Input,
} from '../../db-proxy-lambda/contract.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';
import { withRetries } from './retry.ts';
import type { HungerMapRow } from './rows.ts';

/** Values (a metric of an area on a day) that were written, and that were stored already. */
export interface Saved {
  changed: number;
  unchanged: number;
}

/**
 * Saves rows, in calls that the proxy takes. Any part of them may be saved again, without harm.
 *
 * @throws {DbProxyError} when a call failed to the end; the calls before it stay saved
 */
export async function saveRows(
  { dbProxy, wait }: { dbProxy: DbProxy; wait: (milliseconds: number) => Promise<unknown> },
  rows: readonly HungerMapRow[],
): Promise<Saved> {
  const total = { changed: 0, unchanged: 0 };
  for (const batch of toBatches(rows)) {
    const { changed, unchanged } = await withRetries(wait, () => dbProxy.call('saveAreaMetrics', batch));
    total.changed += changed;
    total.unchanged += unchanged;
  }
  return total;
}

/** One country and one kind (real or sample) a batch, and no more values than the proxy takes. */
export function* toBatches(rows: readonly HungerMapRow[]): Generator<Input<'saveAreaMetrics'>> {
  const groups = Map.groupBy(rows, ({ country, dataType }) => `${country.iso3} ${dataType === SAMPLE}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { iso3, name } = first.country;
    const areas = lastAreas(group);
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

/** Each area as the row of its last day has it. */
function lastAreas(rows: readonly HungerMapRow[]): Area[] {
  const areas = new Map<number, Area>();
  for (const { region, date } of rows) {
    const known = areas.get(region.id);
    if (known !== undefined && known.seen_on > date) continue;
    areas.set(region.id, { area_id: region.id, name: region.name, population: region.population, seen_on: date });
  }
  return [...areas.values()];
}

/** One value an indicator that the row has; one that is missing, or lacks both its numbers, is no value. */
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
