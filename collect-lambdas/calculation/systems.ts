/**
 * The systems of three difference equations. Each step uses only the previous state.
 *
 * The order of the operations in a formula matters, because every result is rounded to 28 digits.
 */
import { add, multiply, subtract, type Decimal } from './decimal.ts';

export type State = Readonly<Record<'x' | 'y' | 'z', Decimal>>;
type Constants = Readonly<Record<'sigma' | 'rho' | 'beta' | 'delta_t', Decimal>>;

type Equation = (state: State, constants: Constants) => Decimal;
type Equations = Record<keyof State, Equation>;

/** y + (x (rho - z) - z y) dt */
const nextY: Equation = ({ x, y, z }, { rho, delta_t: dt }) =>
  add(y, multiply(subtract(multiply(x, subtract(rho, z)), multiply(z, y)), dt));

/** z + (x y - beta z) dt */
const nextZ: Equation = ({ x, y, z }, { beta, delta_t: dt }) =>
  add(z, multiply(subtract(multiply(x, y), multiply(beta, z)), dt));

const plain: Equations = {
  /** x + x sigma (y - x) dt */
  x: ({ x, y }, { sigma, delta_t: dt }) => add(x, multiply(multiply(multiply(x, sigma), subtract(y, x)), dt)),
  y: nextY,
  z: nextZ,
};

const coupled: Equations = {
  /** x + z sigma (y - x) dt */
  x: ({ x, y, z }, { sigma, delta_t: dt }) => add(x, multiply(multiply(multiply(z, sigma), subtract(y, x)), dt)),
  y: nextY,
  z: nextZ,
};

/** E. N. Lorenz, Deterministic Nonperiodic Flow (1963), equations 25 to 27, by Euler's method. */
const lorenz: Equations = {
  /** x + sigma (y - x) dt */
  x: ({ x, y }, { sigma, delta_t: dt }) => add(x, multiply(multiply(sigma, subtract(y, x)), dt)),
  /** y + (x (rho - z) - y) dt */
  y: ({ x, y, z }, { rho, delta_t: dt }) => add(y, multiply(subtract(multiply(x, subtract(rho, z)), y), dt)),
  z: nextZ,
};

export const systems = { plain, coupled, lorenz } as const;

export type SystemName = keyof typeof systems;
