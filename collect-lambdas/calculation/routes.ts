import { ANYBODY } from '../shared/access.ts';
import { arrayOf, jsonReply, ref, svgReply, type ParameterDocs } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { DECIMAL } from './decimal.ts';
import { calculate, plot, welcome } from './handler.ts';
import { calculationQuery, MAX_DECIMAL_LENGTH, MAX_STEPS } from './query.ts';

export const about = !process.env['BUNDLED'] && 'The welcome page, and a small dynamical system.';

/** A decimal, as far as a schema can express it: the code also checks the range of the exponent. */
function decimal(description: string): ParameterDocs {
  return { description, schema: { type: 'string', pattern: DECIMAL.source, maxLength: MAX_DECIMAL_LENGTH } };
}

const DOCS = !process.env['BUNDLED'] && {
  description: `Each step computes the next state (x', y', z') from the previous one, in decimals of 28 significant digits, rounded half-even:

- \`plain\`: x' = x + x sigma (y - x) dt; y' = y + (x (rho - z) - z y) dt; z' = z + (x y - beta z) dt
- \`coupled\`: the same, but x' = x + z sigma (y - x) dt
- \`lorenz\`: x' = x + sigma (y - x) dt; y' = y + (x (rho - z) - y) dt; z' as for \`plain\` (the Lorenz system)

If a value exceeds the exponent ±999,999, the reply is \`422\`, with the step in \`step\`.`,
  query: {
    x0: decimal('x in the initial state, as a decimal number.'),
    y0: decimal('y in the initial state.'),
    z0: decimal('z in the initial state.'),
    sigma: decimal('The constant sigma.'),
    rho: decimal('The constant rho.'),
    beta: decimal('The constant beta.'),
    delta_t: decimal('The length of a step.'),
    steps: {
      description: 'The number of steps.',
      schema: { type: 'integer', minimum: 1, maximum: MAX_STEPS, default: 20 },
    },
    system: { description: 'The equations: see the description.' },
  },
};

export const routes = {
  'GET /': route({
    roles: ANYBODY,
    handle: welcome,
    docs: !process.env['BUNDLED'] && {
      operationId: 'welcome',
      summary: 'The list of routes',
      description: 'Plain text with all routes.',
      replies: {
        200: {
          description: 'The text.',
          content: { 'text/plain': { schema: { type: 'string' }, example: 'Welcome to Collect.' } },
        },
      },
    },
  }),
  'GET /calculation': route({
    roles: ANYBODY,
    query: calculationQuery,
    handle: calculate,
    docs: DOCS && {
      ...DOCS,
      operationId: 'calculate',
      summary: 'The states of a dynamical system',
      replies: {
        200: jsonReply('The state after each step.', arrayOf(ref('CalculationRow')), [
          { N: '0', X: '9', Y: '-5', Z: '5' },
        ]),
      },
      smoke: 'calculate',
    },
  }),
  'GET /calculation/plot': route({
    roles: ANYBODY,
    query: calculationQuery,
    handle: plot,
    docs: DOCS && {
      ...DOCS,
      operationId: 'plotCalculation',
      summary: 'A plot of the trajectory',
      replies: {
        200: svgReply('The plot.', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420"></svg>'),
      },
    },
  }),
};

export const createHandler = createRouter(routes);
