/** Operations on food-security metrics of areas. */
import * as z from 'zod';
import { calendarDay as day, count, serverTime } from '../values.ts';

/**
 * The indicators, as the HungerMap API names them: insufficient food consumption, crisis coping, and trouble with access to
 * health care, markets and a livelihood.
 */
export const INDICATORS = ['fcs', 'rcsi', 'healthAccess', 'marketAccess', 'livelihoodCoping'] as const;

/** The data type of generated rows. They are stored beside real rows, under separate keys. */
export const SAMPLE = 'SAMPLE';

/** Limits of one call: with these, every input and reply stays well under Lambda's 6 MB. */
export const METRIC_LIMITS = { areas: 500, values: 2_000, countries: 10, days: 1_100 } as const;

const iso3 = z.string().regex(/^[A-Z]{3}$/);
const indicator = z.enum(INDICATORS);
/** The number of an area in the HungerMap API; the column is a 32-bit integer. */
const areaId = count.max(2_147_483_647);
const amount = z.number().min(0);
const population = z.number().positive();

/** A first-level administrative area (ADM1), as it was on the day `seen_on`. */
const area = z.object({ area_id: areaId, name: z.string().min(1).max(200), population, seen_on: day });

/** One area's metric on one day; null where the source has no value. `prevalence` is a share, from 0 to 1. */
const areaMetric = z.object({
  area_id: areaId,
  indicator,
  day,
  data_type: z.string().regex(/^[A-Z][A-Z_ -]{0,31}$/),
  population,
  people: amount.nullable(),
  prevalence: amount.max(1).nullable(),
});

/** The state of one country's rows of one indicator, real or sample. */
const metricSeries = z.object({
  iso3,
  country: z.string(),
  indicator,
  sample: z.boolean(),
  /** Grows by one with each save that changed something. */
  revision: count,
  changed_at: serverTime,
  /** When the source last returned rows, changed or not. */
  as_of: serverTime,
});

/** A month (`YYYY-MM`), and the means of its daily people and prevalence; null without values. */
const areaMonth = z.tuple([z.string(), z.number().nullable(), z.number().nullable()]);

/**
 * Sums over the areas of a country on one day. `people` and `population` include the areas with known people. The last three
 * include the areas with known prevalence: population, population x prevalence and population x prevalence squared.
 */
const countryDay = z.object({
  day,
  people: z.number().nullable(),
  population: z.number().nullable(),
  weight: z.number().nullable(),
  weighted_prevalence: z.number().nullable(),
  weighted_squares: z.number().nullable(),
});

const countryMetrics = z.object({
  iso3,
  areas: z.array(
    z.object({ area_id: areaId, name: z.string(), population: z.number(), months: z.array(areaMonth).min(1) }),
  ),
  days: z.array(countryDay),
});

export const metricOperations = {
  /**
   * Saves rows of one country, in one transaction. A row replaces the stored row of the same area, indicator and day. Rows
   * that equal the stored ones only change `as_of`. An area has the name and population of its last day.
   */
  saveAreaMetrics: {
    input: z
      .object({
        iso3,
        country: z.string().min(1).max(128),
        sample: z.boolean(),
        areas: z.array(area).min(1).max(METRIC_LIMITS.areas),
        values: z.array(areaMetric).min(1).max(METRIC_LIMITS.values),
      })
      .refine(({ sample, values }) => values.every((each) => (each.data_type === SAMPLE) === sample), {
        path: ['sample'],
      }),
    result: z.object({ changed: count, unchanged: count }),
  },
  /** Every series; the list is short. */
  listMetricSeries: {
    input: z.object({}),
    result: z.object({ series: z.array(metricSeries) }),
  },
  /** Months of areas and days of countries, aggregated by the database, including the days `from` and `to`. */
  readMetrics: {
    input: z.object({
      countries: z.array(iso3).min(1).max(METRIC_LIMITS.countries),
      indicator,
      sample: z.boolean(),
      from: day,
      to: day,
    }),
    result: z.object({ countries: z.array(countryMetrics) }),
  },
} as const;

export type Indicator = z.infer<typeof indicator>;
export type Area = z.infer<typeof area>;
export type AreaMetric = z.infer<typeof areaMetric>;
export type MetricSeries = z.infer<typeof metricSeries>;
export type CountryMetrics = z.infer<typeof countryMetrics>;
export type CountryDay = z.infer<typeof countryDay>;
