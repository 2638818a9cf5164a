import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { httpEvent } from '../../tests/support/http-event.ts';
import { Problem } from '../shared/problem.ts';
import { readQuery } from '../shared/query.ts';
import python from './decimal.test-data.json' with { type: 'json' };
import { calculationQuery } from './query.ts';
import { calculateStates, toRows, type Row } from './trajectory.ts';

interface Expected {
  query: string;
  rows: Row[];
  query_all_ones: string;
  rows_all_ones: Row[];
}

const EXPECTED = path.join(process.cwd(), '..', 'shared', 'data', 'calculation', 'expected.json');

function rowsFor(query: string): Row[] {
  const event = httpEvent('GET /calculation', { query: Object.fromEntries(new URLSearchParams(query)) });
  return toRows(calculateStates(readQuery(event, calculationQuery)));
}

function problemFor(query: string): Problem {
  try {
    rowsFor(query);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('There was no problem.');
}

if (existsSync(EXPECTED)) {
  describe('the expected rows of shared/data', () => {
    const expected: Expected = JSON.parse(readFileSync(EXPECTED, 'utf8'));

    test('agree with the coupled system, digit for digit', () => {
      expect(rowsFor(`${expected.query}&system=coupled`)).toEqual(expected.rows);
    });

    test.each(['', '&system=plain', '&system=coupled'])(
      'are the same for the plain and the coupled system if all parameters are 1 (query "%s")',
      (system) => {
        expect(rowsFor(expected.query_all_ones + system)).toEqual(expected.rows_all_ones);
      },
    );
  });
} else {
  test(`SKIPPED: the expected rows are not compared, because ${EXPECTED} does not exist`, () => {
    expect(existsSync(EXPECTED)).toBe(false);
  });
}

describe('a trajectory', () => {
  test.each(python.trajectories)('for $query has the values of Python', ({ query, rows }) => {
    expect(rowsFor(query)).toEqual(rows);
  });

  test('has the first row that the documented formula of each system gives', () => {
    const query = 'x0=1&y0=2&z0=3&sigma=4&rho=5&beta=1&delta_t=2&steps=1';

    expect(rowsFor(query)).toEqual([{ N: '0', X: '9', Y: '-6', Z: '1' }]);
    expect(rowsFor(`${query}&system=plain`)).toEqual(rowsFor(query));
    expect(rowsFor(`${query}&system=coupled`)).toEqual([{ N: '0', X: '25', Y: '-6', Z: '1' }]);
    expect(rowsFor(`${query}&system=lorenz`)).toEqual([{ N: '0', X: '9', Y: '2', Z: '1' }]);
  });

  test('has one row per step, by default 20; more steps only add rows', () => {
    const query = 'x0=1&y0=1&z0=1&sigma=10&rho=28&beta=2.667&delta_t=0.01&system=lorenz';

    expect(rowsFor(query)).toHaveLength(20);
    expect(rowsFor(`${query}&steps=1000`)).toHaveLength(1_000);
    expect(rowsFor(`${query}&steps=1000`).slice(0, 20)).toEqual(rowsFor(query));
  });

  test('does not change if delta_t is 0', () => {
    const rows = rowsFor('x0=1&y0=-2&z0=3&sigma=4&rho=5&beta=1&delta_t=0&steps=3&system=lorenz');

    expect(rows).toEqual(['0', '1', '2'].map((N) => ({ N, X: '1', Y: '-2', Z: '3' })));
  });

  test('that leaves the exponent range is refused with the step and with advice', () => {
    const query = 'x0=1&y0=2&z0=3&sigma=4&rho=5&beta=1&delta_t=2&system=coupled';
    const detail = 'At step N=20, X goes beyond the exponent 999999; send steps=20 or fewer, or smaller values.';

    expect(problemFor(`${query}&steps=21`).body).toEqual({
      type: 'urn:collect:problem:invalid-parameter',
      title: 'A parameter of the request cannot be used.',
      status: 422,
      detail,
      errors: [{ pointer: '/steps', detail }],
      step: 20,
    });
    expect(rowsFor(`${query}&steps=20`)).toHaveLength(20);
  });

  test('that leaves the exponent range in the first step is refused with the advice to send smaller values', () => {
    const { body } = problemFor('x0=1&y0=1E+999999&z0=1&sigma=1&rho=1&beta=1&delta_t=1E+999999');

    expect(body).toMatchObject({ status: 422, step: 0, detail: expect.stringContaining('send smaller values') });
  });

  test('of a thousand steps at the ends of the exponent range takes less than five seconds', () => {
    const started = performance.now();

    const rows = rowsFor(
      'x0=1E+400000&y0=1E-999999&z0=1E-999999&sigma=0E+999999&rho=0E-999999&beta=1E-999999&delta_t=1E-999999&steps=1000',
    );

    expect(rows).toHaveLength(1_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
