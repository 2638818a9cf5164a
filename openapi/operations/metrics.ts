import { chartQuery, DEFAULTS, metricsQuery } from '../../collect-lambdas/metrics/query.ts';
import { METRIC_LIMITS } from '../../db-proxy-lambda/contract.ts';
import { json, ref, svg, type Answer, type Header, type Tag } from '../model.ts';
import { IF_NONE_MATCH, query, type Said } from '../parameters.ts';

const PERIOD = {
  from: { description: `The first day. A period has at most ${METRIC_LIMITS.days} days.` },
  to: { description: 'The last day.' },
  indicator: {
    description:
      'Insufficient food consumption, crisis coping, or trouble with access to health care, markets or a livelihood.',
  },
  data: { description: 'Real figures, or a generated sample. Left out, real ones, unless there are none.' },
} satisfies Record<string, Said>;

const HEADERS: Record<string, Header> = {
  ETag: { description: 'To be sent as `If-None-Match` the next time.', schema: { type: 'string' } },
  'X-As-Of': {
    description: 'When the figures were last given by their source. Absent when there are none.',
    schema: { type: 'string', format: 'date-time' },
  },
  'X-Data-Type': {
    description: 'Present when the figures are a generated sample.',
    schema: { enum: ['SAMPLE'] },
  },
};

const UNCHANGED: Answer = { description: 'You have it already.', headers: HEADERS };

export const metrics: Tag = {
  name: 'metrics',
  description: 'Food-security metrics of areas.',
  operations: {
    'GET /metrics': {
      operationId: 'getMetrics',
      summary: 'The figures, by area and month and by country and day',
      description: `\`metric_a\`: of each area and month, the means of the daily values. \`metric_b\`: of each day, \`people\` is the sum over the areas, \`prevalence\` is that divided by their population, and \`variance\` is the population-weighted variance of the areas' prevalences around it. What has no value is left out of its mean.`,
      parameters: [
        ...query(metricsQuery, {
          country: {
            description: `Three-letter codes with commas between them, at most ${METRIC_LIMITS.countries}.`,
            schema: {
              type: 'string',
              pattern: '^[A-Za-z]{3}(?:,[A-Za-z]{3})*$',
              default: DEFAULTS.countries.join(','),
            },
          },
          ...PERIOD,
        }),
        IF_NONE_MATCH,
      ],
      answers: {
        200: {
          description: 'The figures.',
          headers: HEADERS,
          content: json(ref('Metrics'), {
            COL: {
              metric_a: [
                {
                  region: { id: 1020, name: 'Antioquia', population: 6_600_000 },
                  average: { '2022-6': { people: 1_650_000, prevalence: 0.25 } },
                },
              ],
              metric_b: { '2022-06-01': { people: 13_000_000, prevalence: 0.26, variance: 0.004 } },
            },
          }),
        },
        304: UNCHANGED,
      },
      problems: ['invalid-parameter', 'unavailable'],
    },
    'GET /metrics/chart': {
      operationId: 'getMetricsChart',
      summary: 'A country over time, as a picture',
      description: 'The prevalence of `metric_b`, with a band of one standard deviation of the areas around it.',
      parameters: [
        ...query(chartQuery, {
          country: {
            description: 'A three-letter code.',
            schema: { type: 'string', pattern: '^[A-Za-z]{3}$' },
          },
          ...PERIOD,
        }),
        IF_NONE_MATCH,
      ],
      answers: {
        200: {
          description: 'The picture.',
          headers: HEADERS,
          content: svg('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 480"></svg>'),
        },
        304: UNCHANGED,
      },
      problems: ['invalid-parameter', 'unavailable'],
    },
  },
};
