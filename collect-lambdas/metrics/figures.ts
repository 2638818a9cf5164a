/** Calculates the published figures, metric_a and metric_b, from the sums of the database. Pure. */
import type { CountryDay, CountryMetrics } from '../../db-proxy-lambda/contract.ts';

/** A figure is null if no day has a value. `prevalence` is a share of the population, from 0 to 1. */
export type NationalFigures = Record<'people' | 'prevalence' | 'variance', number | null>;

export type CountryFigures = ReturnType<typeof toFigures>;

/**
 * Both metrics of a country.
 *
 * metric_a: the mean of the daily values of each area and month (`YYYY-M`). Every day has the same weight. A day without a value
 * is left out of the mean instead of counting as zero. Areas and months without any value are absent.
 *
 * metric_b: by day, see {@link nationalFigures}.
 */
export function toFigures({ areas, days }: CountryMetrics) {
  return {
    metric_a: areas.map(({ area_id: id, name, population, months }) => ({
      region: { id, name, population },
      average: Object.fromEntries(
        months.map(([month, people, prevalence]) => [shortMonth(month), { people, prevalence }]),
      ),
    })),
    metric_b: Object.fromEntries(days.map((day) => [day.day, nationalFigures(day)])),
  };
}

/**
 * The national figures of one day.
 *
 * - people: the sum over the areas.
 * - prevalence: people / population, both over the areas whose people are known: P = Σ people / Σ N. It is the
 *   share of all inhabitants, and equals the national figure that WFP publishes. A mean of the areas' prevalences
 *   would give a small area the weight of a large one.
 * - variance: the variance of the areas around P, Σ N (p - P)² / Σ N, over the areas whose prevalence p is known.
 *   Its weights are the populations N, for the same reason. Its square root has the unit of the prevalence.
 *
 * The database sums N, N p and N p² in one pass, and Σ N (p - P)² = Σ N p² - 2 P Σ N p + P² Σ N. The subtraction
 * loses precision only if the variance is many orders of magnitude below P². A result just below 0 becomes 0.
 */
export function nationalFigures(day: CountryDay): NationalFigures {
  const { people, population, weight, weighted_prevalence: sum, weighted_squares: squares } = day;
  if (people === null || population === null) return { people: null, prevalence: null, variance: null };
  const prevalence = people / population;
  if (weight === null || sum === null || squares === null) return { people, prevalence, variance: null };
  const variance = (squares - 2 * prevalence * sum + prevalence ** 2 * weight) / weight;
  return { people, prevalence, variance: Math.max(0, variance) };
}

/** `2022-06` as `2022-6`. */
function shortMonth(month: string): string {
  return month.replace(/-0(?=\d$)/, '-');
}
