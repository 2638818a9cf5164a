/** The query of both routes of the calculation. */
import * as z from 'zod';
import { MAX_EXPONENT, readDecimal, type Decimal } from './decimal.ts';
import { systems, type SystemName } from './systems.ts';

export const MAX_DECIMAL_LENGTH = 64;
export const MAX_STEPS = 1_000;

/**
 * A plus sign that is not sent as %2B arrives as a space. Clients may send exponents from replies, which have plus
 * signs.
 */
const LOST_PLUS = /^ |(?<=[eE]) /g;

function decimal(name: string) {
  const advice = `Send ${name} as a decimal number such as 1.5 or -2E-3: at most ${MAX_DECIMAL_LENGTH} characters, the exponent within ±${MAX_EXPONENT}.`;
  return z
    .string(advice)
    .max(MAX_DECIMAL_LENGTH, advice)
    .transform((text, context): Decimal => {
      const value = readDecimal(text.replace(LOST_PLUS, '+'));
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: advice });
      return z.NEVER;
    });
}

const names = Object.keys(systems).filter((name): name is SystemName => Object.hasOwn(systems, name));

export const calculationQuery = {
  x0: decimal('x0'),
  y0: decimal('y0'),
  z0: decimal('z0'),
  sigma: decimal('sigma'),
  rho: decimal('rho'),
  beta: decimal('beta'),
  delta_t: decimal('delta_t'),
  steps: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, `Send a whole number from 1 to ${MAX_STEPS}.`)
    .transform(Number)
    .default(20),
  system: z.enum(names, `Send one of ${names.join(', ')}. Without this parameter, plain is used.`).default('plain'),
};

export type Calculation = z.infer<z.ZodObject<typeof calculationQuery>>;
