import { DECIMAL } from '../../collect-lambdas/calculation/decimal.ts';
import { calculationQuery, MAX_DECIMAL_LENGTH, MAX_STEPS } from '../../collect-lambdas/calculation/query.ts';
import { arrayOf, json, ref, svg, type Tag } from '../model.ts';
import { query, type Said } from '../parameters.ts';

/** A decimal, as far as a schema can say it: the range of the exponent is the code's. */
function decimal(description: string): Said {
  return { description, schema: { type: 'string', pattern: DECIMAL.source, maxLength: MAX_DECIMAL_LENGTH } };
}

const PARAMETERS = query(calculationQuery, {
  x0: decimal('The state to start from: x, as a decimal number.'),
  y0: decimal('y'),
  z0: decimal('z'),
  sigma: decimal('The constant sigma.'),
  rho: decimal('The constant rho.'),
  beta: decimal('The constant beta.'),
  delta_t: decimal('The length of a step.'),
  steps: {
    description: 'How many steps.',
    schema: { type: 'integer', minimum: 1, maximum: MAX_STEPS, default: 20 },
  },
  system: { description: 'Which equations: see the description.' },
});

const EQUATIONS = `Every step is made from the old state, in decimals of 28 significant digits, rounded half-even:

- \`plain\`: x' = x + x sigma (y - x) dt; y' = y + (x (rho - z) - z y) dt; z' = z + (x y - beta z) dt
- \`coupled\`: the same, but x' = x + z sigma (y - x) dt
- \`lorenz\`: the classical Lorenz system

A value beyond the exponent ±999,999 is refused with the step at which it arose.`;

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420"></svg>';

export const calculation: Tag = {
  name: 'calculation',
  description: 'The welcome page, and a small dynamical system.',
  operations: {
    'GET /': {
      operationId: 'welcome',
      summary: 'What this is',
      description: 'A text that names the routes.',
      answers: {
        200: {
          description: 'The text.',
          content: { 'text/plain': { schema: { type: 'string' }, example: 'Welcome to Collect.' } },
        },
      },
      problems: [],
    },
    'GET /calculation': {
      operationId: 'calculate',
      summary: 'The states of the system',
      description: EQUATIONS,
      parameters: PARAMETERS,
      answers: {
        200: {
          description: 'The state after each step.',
          content: json(arrayOf(ref('CalculationRow')), [{ N: '0', X: '9', Y: '-5', Z: '5' }]),
        },
      },
      problems: ['invalid-parameter'],
    },
    'GET /calculation/plot': {
      operationId: 'plotCalculation',
      summary: 'The trajectory, as a picture',
      description: EQUATIONS,
      parameters: PARAMETERS,
      answers: {
        200: {
          description: 'The picture.',
          content: svg(SVG),
        },
      },
      problems: ['invalid-parameter'],
    },
  },
};
