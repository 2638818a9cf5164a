import { Decimal as Unscaled } from 'decimal.js';
import * as fc from 'fast-check';
import { httpEvent } from '../../tests/support/http-event.ts';
import { runs } from '../../tests/support/thorough.ts';
import { readQuery } from '../shared/query.ts';
import type { Decimal } from './decimal.ts';
import { drawTrajectory } from './plot.ts';
import { calculationQuery, type Calculation } from './query.ts';
import type { State } from './systems.ts';
import { calculateStates, initialState } from './trajectory.ts';

const COUPLED = 'x0=1&y0=2&z0=3&sigma=4&rho=5&beta=1&delta_t=2&system=coupled';
const LORENZ = 'x0=1&y0=1&z0=1&sigma=10&rho=28&beta=2.667&delta_t=0.02&system=lorenz&steps=500';

function read(query: string): Calculation {
  return readQuery(
    httpEvent('GET /calculation/plot', { query: Object.fromEntries(new URLSearchParams(query)) }),
    calculationQuery,
  );
}

function draw(query: string): string {
  const calculation = read(query);
  return drawTrajectory(calculation, [initialState(calculation), ...calculateStates(calculation)]);
}

/** The points of every path of a trajectory, and the centres of all marks. */
function pointsOf(svg: string): [number, number][] {
  const onPaths = [...svg.matchAll(/class="path"[^>]* d="([^"]*)"/g)].flatMap(([, d = '']) =>
    [...d.matchAll(/[ML](-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]): [number, number] => [Number(x), Number(y)]),
  );
  const marks = [...svg.matchAll(/cx="([^"]*)" cy="([^"]*)"/g)].map(([, x, y]): [number, number] => [
    Number(x),
    Number(y),
  ]);
  return [...onPaths, ...marks];
}

const ticksOf = (svg: string): string[] =>
  [...svg.matchAll(/<text x[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text);

const decimals = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }),
    fc.oneof(fc.integer({ min: -35, max: 5 }), fc.integer({ min: -1_000_026, max: 999_970 })),
  )
  .map(([digits, exponent]): Decimal => ({ value: new Unscaled(`${digits}E${exponent}`), exponent }));
const trajectories: fc.Arbitrary<State[]> = fc.array(fc.record({ x: decimals, y: decimals, z: decimals }), {
  minLength: 2,
  maxLength: 60,
});

const byName = (one: string, other: string): number => one.localeCompare(other);
const stepMarks = (svg: string): number => [...svg.matchAll(/<circle cx/g)].length;

describe('the plot of a trajectory', () => {
  test('has every point inside its frame, however large or small the values are', () => {
    fc.assert(
      fc.property(trajectories, (states) => {
        const svg = drawTrajectory(read(LORENZ), states);

        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        for (const [x, y] of pointsOf(svg)) {
          const inLargePanel = x >= 84 && x <= 568;
          const inSmallPanel = x >= 672 && x <= 928;
          expect(inLargePanel || inSmallPanel).toBe(true);
          expect(y).toBeGreaterThanOrEqual(60);
          expect(y).toBeLessThanOrEqual(534);
        }
      }),
      runs(300),
    );
  });

  test('preserves the order of the values', () => {
    const exponents = [0, 5, 6, 7, 15, 16, 17, 300, 400, 5_000, 999_999];
    const states = exponents.map((exponent): State => {
      const value: Decimal = { value: new Unscaled(`1E${exponent}`), exponent };
      return { x: value, y: value, z: value };
    });

    const points = pointsOf(drawTrajectory(read(LORENZ), states)).slice(0, (exponents.length - 1) * 2);

    expect(points.map(([x]) => x)).toEqual(points.map(([x]) => x).toSorted((a, b) => a - b));
    expect(points.map(([, y]) => y)).toEqual(points.map(([, y]) => y).toSorted((a, b) => b - a));
  });

  test('is the same text for the same states', () => {
    expect(draw(LORENZ)).toBe(draw(LORENZ));
  });

  test('has a title and a description', () => {
    const svg = draw(COUPLED);

    expect(svg).toContain('role="img" aria-labelledby="title desc"');
    expect(svg).toContain('<title id="title">Trajectory of the coupled system</title>');
    expect(svg).toMatch(/<desc id="desc">20 steps of Δt = 2 from \(1, 2, 3\); σ = 4, ρ = 5, β = 1; it ends at \(3\.79/);
  });

  test('is well formed, without scripts and links', () => {
    const svg = draw(LORENZ);
    const tags = [...svg.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)];
    const names = (chosen: typeof tags): string[] => chosen.map(([, , name = '']) => name).toSorted(byName);

    expect(names(tags.filter(([, closing]) => closing === '/'))).toEqual(
      names(tags.filter(([, closing, , empty]) => closing === '' && empty === '')),
    );
    expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]/);
    expect(svg).not.toMatch(/<script|href|url\(|\son[a-z]+=/);
  });

  test('has linear axes for a bounded trajectory', () => {
    const svg = draw(LORENZ);

    expect(svg).not.toContain('powers of ten');
    expect(ticksOf(svg)).toEqual(expect.arrayContaining(['−10', '0', '10', '20']));
  });

  test('has a logarithmic axis if values grow without bound', () => {
    const svg = draw(COUPLED);

    expect(svg).toContain('Z (powers of ten)');
    expect(ticksOf(svg)).toEqual(expect.arrayContaining(['−10⁴⁰⁰⁰⁰⁰', '0', '10⁸⁰⁰⁰⁰⁰']));
  });

  test('shows the power of ten of large and of small values once per axis', () => {
    const large = draw('x0=1E+400&y0=2E+400&z0=3E+400&sigma=0&rho=0&beta=0&delta_t=0');
    const small = draw('x0=1E-20&y0=2E-20&z0=3E-20&sigma=1&rho=1&beta=1&delta_t=0.1&system=lorenz');

    expect(large).toContain('>X (×10⁴⁰⁰)<');
    expect(small).toContain('>X (×10⁻²⁰)<');
  });

  test('marks every step if there are few', () => {
    expect(stepMarks(draw(`${COUPLED}&steps=20`))).toBe(19 * 3);
    expect(stepMarks(draw(LORENZ))).toBe(0);
  });

  test('shortens long numbers', () => {
    const svg = draw(
      'x0=-0.123456789&y0=123456.789&z0=0&sigma=1.000000000000&rho=12345678901&beta=0.00000000123456789&delta_t=0&steps=1',
    );

    expect(svg).toContain('1 step of Δt = 0 from (−0.123457, 123457, 0); σ = 1, ρ = 1.23457E10, β = 1.23457E−9');
  });

  test('writes every minus sign of a number alike', () => {
    const svg = draw('x0=-1E-9&y0=1E-9&z0=-1.23456789E-9&sigma=-1&rho=0&beta=0&delta_t=0&steps=1');

    expect(svg).toContain('from (−1E−9, 1E−9, −1.23457E−9); σ = −1,');
  });
});
