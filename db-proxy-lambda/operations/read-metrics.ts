import type { CountryMetrics } from '../contract.ts';
import { aggregateCountry } from '../database/metric-aggregates.ts';
import type { Perform } from './operation.ts';

export const readMetrics: Perform<'readMetrics'> = async ({ db }, { countries, ...period }) => {
  const read: CountryMetrics[] = [];
  for (const iso3 of new Set(countries)) read.push(await aggregateCountry(db, { ...period, iso3 }));
  return { countries: read };
};
