/** Writes of areas, their metrics and the state of their series. */
import type { Kysely, Transaction } from 'kysely';
import type { Area, AreaMetric, Indicator, MetricSeries } from '../contract.ts';
import { inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/**
 * Relative difference up to which two numbers are equal. MySQL writes doubles as text, and 1 in 70 reads back different in
 * the sixteenth digit (MariaDB 10.11). No source corrects a figure by so little.
 */
const SAME_SHARE = 1e-12;

/** The columns that all rows of a save share. */
interface SeriesOwner {
  iso3: string;
  sample: 0 | 1;
}

/**
 * Stores when the source last returned rows. Must be the first statement of a save: it locks the rows of the series until
 * the transaction ends, so that two saves of one series run one after the other.
 */
export async function touchSeries(
  trx: Transaction<Schema>,
  { upsert }: Database,
  { iso3, sample }: SeriesOwner,
  { country, indicators, now }: { country: string; indicators: readonly Indicator[]; now: string },
): Promise<void> {
  const rows = indicators
    .toSorted()
    .map((indicator) => ({ iso3, indicator, sample, country, revision: 0, changed_at: now, as_of: now }));
  await trx
    .insertInto('metric_series')
    .values(rows)
    .modifyEnd(upsert(['iso3', 'indicator', 'sample'], ['country', 'as_of']))
    .execute();
}

/** Gives a country's series their next revision: those of these indicators, or all. */
export async function advanceSeries(
  trx: Transaction<Schema>,
  { iso3, sample }: SeriesOwner,
  { indicators, now }: { indicators: readonly Indicator[] | 'all'; now: string },
): Promise<void> {
  const update = trx
    .updateTable('metric_series')
    .set((eb) => ({ revision: eb('revision', '+', 1), changed_at: now }))
    .where('iso3', '=', iso3)
    .where('sample', '=', sample);
  await (indicators === 'all' ? update : update.where('indicator', 'in', indicators)).execute();
}

/** Writes new areas, and areas seen on the stored day or later. Returns whether a name or a population changed. */
export async function saveAreas(
  trx: Transaction<Schema>,
  { upsert }: Database,
  { iso3, sample }: SeriesOwner,
  areas: readonly Area[],
): Promise<boolean> {
  const stored = await trx
    .selectFrom('areas')
    .selectAll()
    .where('sample', '=', sample)
    .where('area_id', 'in', [...new Set(areas.map((each) => each.area_id))])
    .execute();
  const storedById = new Map(stored.map((row) => [row.area_id, row]));
  const next = lastOf(areas, (each) => String(each.area_id)).filter(({ area_id: id, seen_on: seenOn }) => {
    const current = storedById.get(id);
    return current === undefined || current.seen_on <= seenOn;
  });
  if (next.length === 0) return false;
  await trx
    .insertInto('areas')
    .values(next.map((each) => ({ ...each, iso3, sample })))
    .modifyEnd(upsert(['sample', 'area_id'], ['iso3', 'name', 'population', 'seen_on']))
    .execute();
  return next.some(({ area_id: id, name, population }) => {
    const current = storedById.get(id);
    return current?.name !== name || current.iso3 !== iso3 || !isSame(current.population, population);
  });
}

/** Writes the values that differ from the stored ones, and returns them. */
export async function saveValues(
  trx: Transaction<Schema>,
  { upsert }: Database,
  { iso3, sample }: SeriesOwner,
  values: readonly AreaMetric[],
): Promise<AreaMetric[]> {
  const incoming = lastOf(values, keyOf);
  const days = incoming.map((each) => each.day).toSorted();
  const stored = await trx
    .selectFrom('area_metrics')
    .select(['area_id', 'indicator', 'day', 'data_type', 'population', 'people', 'prevalence'])
    .where('iso3', '=', iso3)
    .where('sample', '=', sample)
    .where('indicator', 'in', [...new Set(incoming.map((each) => each.indicator))])
    .where('day', '>=', days.at(0) ?? '')
    .where('day', '<=', days.at(-1) ?? '')
    .execute();
  const storedByKey = new Map(stored.map((row) => [keyOf(row), row]));
  const changed = incoming.filter((each) => !isStored(storedByKey.get(keyOf(each)), each));
  for (const some of inChunks(changed, ROWS_PER_STATEMENT)) {
    await trx
      .insertInto('area_metrics')
      .values(some.map((each) => ({ ...each, iso3, sample })))
      .modifyEnd(
        upsert(['iso3', 'indicator', 'sample', 'day', 'area_id'], ['data_type', 'population', 'people', 'prevalence']),
      )
      .execute();
  }
  return changed;
}

export async function findSeries(db: Kysely<Schema>): Promise<MetricSeries[]> {
  const rows = await db
    .selectFrom('metric_series')
    .selectAll()
    .orderBy('iso3')
    .orderBy('indicator')
    .orderBy('sample')
    .execute();
  return rows.map((row) => ({ ...row, sample: row.sample === 1 }));
}

function isStored(stored: AreaMetric | undefined, incoming: AreaMetric): boolean {
  return (
    stored !== undefined &&
    stored.data_type === incoming.data_type &&
    isSame(stored.population, incoming.population) &&
    isSame(stored.people, incoming.people) &&
    isSame(stored.prevalence, incoming.prevalence)
  );
}

function isSame(stored: number | null, incoming: number | null): boolean {
  if (stored === null || incoming === null) return stored === incoming;
  return Math.abs(stored - incoming) <= SAME_SHARE * Math.abs(incoming);
}

function keyOf({ area_id: areaId, indicator, day }: Pick<AreaMetric, 'area_id' | 'indicator' | 'day'>): string {
  return `${areaId} ${indicator} ${day}`;
}

/** The last item of each key, as if the items were written one after the other. */
function lastOf<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
