/** Calculates the states of a system. */
import { Problem } from '../shared/problem.ts';
import { ExponentOverflow, MAX_EXPONENT, writeDecimal, type Decimal } from './decimal.ts';
import type { Calculation } from './query.ts';
import { systems, type State } from './systems.ts';

export type Row = Record<'N' | 'X' | 'Y' | 'Z', string>;

export function initialState({ x0, y0, z0 }: Calculation): State {
  return { x: x0, y: y0, z: z0 };
}

/**
 * The states after each step, without the initial one.
 *
 * @throws {Problem} 422 `invalid-parameter` with `step`, if a value leaves the exponent range
 */
export function calculateStates(calculation: Calculation): State[] {
  const { steps, system } = calculation;
  const equations = systems[system];
  const states: State[] = [];
  let state = initialState(calculation);
  for (let step = 0; step < steps; step += 1) {
    const next = (coordinate: keyof State): Decimal =>
      withinRange(coordinate, step, () => equations[coordinate](state, calculation));
    state = { x: next('x'), y: next('y'), z: next('z') };
    states.push(state);
  }
  return states;
}

/** @param step counted from 0, like N in the rows */
function withinRange(coordinate: keyof State, step: number, calculate: () => Decimal): Decimal {
  try {
    return calculate();
  } catch (error) {
    if (!(error instanceof ExponentOverflow)) throw error;
    const advice = step === 0 ? 'send smaller values' : `send steps=${step} or fewer, or smaller values`;
    const detail = `At step N=${step}, ${coordinate.toUpperCase()} goes beyond the exponent ${MAX_EXPONENT}; ${advice}.`;
    throw new Problem('invalid-parameter', { detail, errors: [{ pointer: '/steps', detail }], members: { step } });
  }
}

/** The rows of the reply; N counts from 0. */
export function toRows(states: readonly State[]): Row[] {
  return states.map(({ x, y, z }, index) => ({
    N: String(index),
    X: writeDecimal(x),
    Y: writeDecimal(y),
    Z: writeDecimal(z),
  }));
}
