/** Generated metrics for demonstrations, in the format of the HungerMap API. Every row is marked SAMPLE. */
import { randomNumbers } from '../local/random.ts';

export interface SampleRow {
  country: { iso3: string; name: string };
  region: { id: number; name: string; population: number };
  date: string;
  dataType: 'SAMPLE';
  metrics: { fcs: { people: number; prevalence: number } };
}

const COUNTRIES = [
  { iso3: 'COL', name: 'Colombia', areas: 8, level: 0.24, rise: 0.1 },
  { iso3: 'BFA', name: 'Burkina Faso', areas: 6, level: 0.48, rise: -0.06 },
];
const FIRST_DAY = Date.UTC(2022, 5, 1);
const DAYS = 396;
const MILLISECONDS_A_DAY = 86_400_000;
const DAYS_A_YEAR = 365.25;

/**
 * Rows of two countries, 2022-06-01 to 2023-07-01. The areas are invented. Each area's values are the sum of
 * a level, a season and a slow drift. The same seed gives the same rows.
 */
export function sampleMetrics(seed = 4): SampleRow[] {
  const random = randomNumbers(seed);
  return COUNTRIES.flatMap((country, index) =>
    Array.from({ length: country.areas }, (_, number) => {
      const name = `Sample area ${'ABCDEFGH'.charAt(number)}`;
      const region = { id: 100 * (index + 1) + number, name, population: Math.round(200_000 + random() * 4_000_000) };
      const level = country.level + (random() - 0.5) * 0.2;
      let drift = 0;
      return Array.from({ length: DAYS }, (_, day): SampleRow => {
        drift = drift * 0.97 + (random() - 0.5) * 0.01;
        const season = 0.03 * Math.sin((2 * Math.PI * day) / DAYS_A_YEAR);
        const share = Math.min(0.95, Math.max(0.02, level + (country.rise * day) / DAYS + season + drift));
        const people = Math.round(share * region.population);
        return {
          country: { iso3: country.iso3, name: country.name },
          region,
          date: new Date(FIRST_DAY + day * MILLISECONDS_A_DAY).toISOString().slice(0, 10),
          dataType: 'SAMPLE',
          metrics: { fcs: { people, prevalence: people / region.population } },
        };
      });
    }).flat(),
  );
}
