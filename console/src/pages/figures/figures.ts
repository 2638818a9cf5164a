/** Food-security figures of a country, and the choices of the page, which the address holds. */
import { computed, type ComputedRef } from 'vue';
import { useRoute } from 'vue-router';
import type { components, operations } from '../../../shared/openapi.d.ts';

export type CountryFigures = components['schemas']['CountryFigures'];
export type Indicator = NonNullable<NonNullable<operations['getMetrics']['parameters']['query']>['indicator']>;

export const INDICATORS: Readonly<Record<Indicator, string>> = {
  fcs: 'Insufficient food consumption',
  rcsi: 'Crisis or above crisis food-based coping',
  healthAccess: 'Challenges accessing health care',
  marketAccess: 'Challenges accessing markets',
  livelihoodCoping: 'Crisis or above crisis livelihood coping',
};

const isIndicator = (text: string): text is Indicator => Object.hasOwn(INDICATORS, text);

/** The countries whose figures Collect fetches by default. */
export const COUNTRIES = ['COL', 'BFA'] as const;

export interface Choice {
  country: string;
  indicator: Indicator;
  from: string;
  to: string;
}

export function useChoice(): ComputedRef<Choice> {
  const route = useRoute();
  const text = (name: string, usual: string): string => {
    const value = route.query[name];
    return typeof value === 'string' && value !== '' ? value : usual;
  };
  return computed(() => {
    const indicator = text('indicator', 'fcs');
    return {
      country: text('country', COUNTRIES[0]).toUpperCase(),
      indicator: isIndicator(indicator) ? indicator : 'fcs',
      from: text('from', '2022-06-01'),
      to: text('to', '2023-07-01'),
    };
  });
}

export interface AreaRow {
  id: number;
  name: string;
  population: number;
  /** The last month with figures, such as `2022-6`. */
  month: string;
  people: number | null;
  prevalence: number | null;
}

/** Each area with its last month, the highest share first. */
export function lastMonths({ metric_a: areas }: CountryFigures): AreaRow[] {
  return areas
    .flatMap(({ region: { id, name, population }, average }) => {
      const [last] = Object.entries(average).slice(-1);
      return last === undefined ? [] : [{ id, name, population, month: last[0], ...last[1] }];
    })
    .toSorted((one, other) => (other.prevalence ?? 0) - (one.prevalence ?? 0));
}

/** `0.2534` as `25.3 %`; a figure that is not known as a dash. */
export const formatPrevalence = (share: number | null): string =>
  share === null ? '–' : `${(100 * share).toFixed(1)} %`;
