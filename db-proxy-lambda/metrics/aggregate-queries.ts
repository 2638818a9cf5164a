/** Reads of area metrics, which the database aggregates to a row per month and a row per day. */
import { sql, type Kysely } from 'kysely';
import type { CountryDay, CountryMetrics, Input } from '../contract.ts';
import type { Schema } from '../database/schema.ts';

type Period = Omit<Input<'readMetrics'>, 'countries'> & { iso3: string };

/** The months of a country's areas and its days, in the order of area and time. */
export async function aggregateCountry(db: Kysely<Schema>, period: Period): Promise<CountryMetrics> {
  return { iso3: period.iso3, areas: await aggregateAreas(db, period), days: await aggregateDays(db, period) };
}

/** `avg` ignores null: a day that has only one of `people` and `prevalence` counts only in the mean of that figure. */
async function aggregateAreas(db: Kysely<Schema>, period: Period): Promise<CountryMetrics['areas']> {
  const month = sql<string>`substr(day, 1, 7)`;
  const rows = await rowsOf(db, period)
    .select(['area_id', month.as('month')])
    .select((eb) => [eb.fn.avg('people').as('people'), eb.fn.avg('prevalence').as('prevalence')])
    .groupBy(['area_id', month])
    .orderBy('area_id')
    .orderBy('month')
    .execute();
  const months = Map.groupBy(rows, (row) => row.area_id);
  if (months.size === 0) return [];
  const areas = await db
    .selectFrom('areas')
    .select(['area_id', 'name', 'population'])
    .where('sample', '=', period.sample ? 1 : 0)
    .where('area_id', 'in', [...months.keys()])
    .orderBy('area_id')
    .execute();
  return areas.map((area) => ({
    ...area,
    months: (months.get(area.area_id) ?? []).map((row) => [row.month, toNumber(row.people), toNumber(row.prevalence)]),
  }));
}

/** The sums that national figures are computed from (see the contract); `sum` ignores null too. */
async function aggregateDays(db: Kysely<Schema>, period: Period): Promise<CountryDay[]> {
  const rows = await rowsOf(db, period)
    .select([
      'day',
      sql`sum(people)`.as('people'),
      sql`sum(case when people is not null then population end)`.as('population'),
      sql`sum(case when prevalence is not null then population end)`.as('weight'),
      sql`sum(population * prevalence)`.as('weighted_prevalence'),
      sql`sum(population * prevalence * prevalence)`.as('weighted_squares'),
    ])
    .groupBy('day')
    .orderBy('day')
    .execute();
  return rows.map((row) => ({
    day: row.day,
    people: toNumber(row.people),
    population: toNumber(row.population),
    weight: toNumber(row.weight),
    weighted_prevalence: toNumber(row.weighted_prevalence),
    weighted_squares: toNumber(row.weighted_squares),
  }));
}

function rowsOf(db: Kysely<Schema>, { iso3, indicator, sample, from, to }: Period) {
  return db
    .selectFrom('area_metrics')
    .where('iso3', '=', iso3)
    .where('indicator', '=', indicator)
    .where('sample', '=', sample ? 1 : 0)
    .where('day', '>=', from)
    .where('day', '<=', to);
}

/** Aggregates are numbers in SQLite, and numbers or text in MySQL, depending on the column's type. */
function toNumber(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
