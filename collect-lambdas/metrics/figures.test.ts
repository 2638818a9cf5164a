import * as fc from 'fast-check';
import { nationalFigures, toFigures } from './figures.ts';

interface AreaDay {
  population: number;
  people: number | null;
  prevalence: number | null;
}

/** The sums over the areas of one day, as the database calculates them. */
function sumsOf(areas: readonly AreaDay[]) {
  const sum = (part: readonly AreaDay[], of: (area: AreaDay) => number) =>
    part.length === 0 ? null : part.reduce((total, area) => total + of(area), 0);
  const withPeople = areas.filter((area) => area.people !== null);
  const withPrevalence = areas.filter((area) => area.prevalence !== null);
  return {
    day: '2022-06-01',
    people: sum(withPeople, (area) => area.people ?? 0),
    population: sum(withPeople, (area) => area.population),
    weight: sum(withPrevalence, (area) => area.population),
    weighted_prevalence: sum(withPrevalence, (area) => area.population * (area.prevalence ?? 0)),
    weighted_squares: sum(withPrevalence, (area) => area.population * (area.prevalence ?? 0) ** 2),
  };
}

/** The literal definition, in two passes. */
function varianceAround(prevalence: number, areas: readonly AreaDay[]): number {
  const population = areas.reduce((total, area) => total + area.population, 0);
  return (
    areas.reduce((total, area) => total + area.population * ((area.prevalence ?? 0) - prevalence) ** 2, 0) / population
  );
}

describe('national figures of a day', () => {
  test('a large area has more weight than a small one', () => {
    const areas = [
      { population: 9_000, people: 900, prevalence: 0.1 },
      { population: 1_000, people: 600, prevalence: 0.6 },
    ];

    const figures = nationalFigures(sumsOf(areas));

    expect(figures.people).toBe(1_500);
    expect(figures.prevalence).toBe(0.15);
    expect(figures.variance).toBeCloseTo((9_000 * 0.05 ** 2 + 1_000 * 0.45 ** 2) / 10_000, 12);
  });

  test('the variance agrees with its definition for random areas', () => {
    const area = fc
      .record({
        population: fc.integer({ min: 1_000, max: 20_000_000 }),
        prevalence: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map(({ population, prevalence }) => ({ population, prevalence, people: population * prevalence }));
    fc.assert(
      fc.property(fc.array(area, { minLength: 1, maxLength: 40 }), (areas) => {
        const { prevalence, variance } = nationalFigures(sumsOf(areas));
        expect(variance).toBeGreaterThanOrEqual(0);
        expect(Math.abs((variance ?? 0) - varianceAround(prevalence ?? 0, areas))).toBeLessThan(1e-14);
      }),
    );
  });

  test('equal areas have the variance 0, never a negative one', () => {
    const areas = Array.from({ length: 7 }, (_, index) => ({ population: 1_000 + index, prevalence: 0.1 }));

    const { variance } = nationalFigures(sumsOf(areas.map((area) => ({ ...area, people: area.population * 0.1 }))));

    expect(variance).toBeGreaterThanOrEqual(0);
    expect(variance).toBeLessThan(1e-16);
  });

  test('a figure without values is null, and areas without a value are left out', () => {
    const half = { population: 1_000, people: 100, prevalence: null };
    const other = { population: 3_000, people: null, prevalence: 0.3 };

    expect(nationalFigures(sumsOf([half]))).toEqual({ people: 100, prevalence: 0.1, variance: null });
    expect(nationalFigures(sumsOf([other]))).toEqual({ people: null, prevalence: null, variance: null });
    const both = nationalFigures(sumsOf([half, other]));
    expect(both).toMatchObject({ people: 100, prevalence: 0.1 });
    expect(both.variance).toBeCloseTo(0.04, 12);
  });
});

test('months have no leading zero, and absent months stay absent', () => {
  const months: [string, number | null, number | null][] = [
    ['2022-09', 1, 0.1],
    ['2022-10', 2, null],
    ['2023-01', 3, 0.3],
  ];
  const areas = [{ area_id: 7, name: 'Area 7', population: 10, months }];

  const figures = toFigures({ iso3: 'COL', areas, days: [] });

  expect(figures).toEqual({
    metric_a: [
      {
        region: { id: 7, name: 'Area 7', population: 10 },
        average: {
          '2022-9': { people: 1, prevalence: 0.1 },
          '2022-10': { people: 2, prevalence: null },
          '2023-1': { people: 3, prevalence: 0.3 },
        },
      },
    ],
    metric_b: {},
  });
});
