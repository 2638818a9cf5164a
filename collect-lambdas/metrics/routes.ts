import { METRIC_LIMITS } from '../../db-proxy-lambda/contract.ts';
import { ANYBODY } from '../shared/access.ts';
import { ETAG, IF_NONE_MATCH, json, ref, type HeaderDocs } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { getChart, getMetrics } from './handler.ts';
import { chartQuery, DEFAULTS, metricsQuery } from './query.ts';

export const about = !process.env['BUNDLED'] && 'Food-security metrics of areas.';

/** A function, so that bundles leave it out. */
const period = () => ({
  from: { description: `The first day. A period has at most ${METRIC_LIMITS.days} days.` },
  to: { description: 'The last day.' },
  indicator: {
    description:
      'Insufficient food consumption, crisis coping, or difficult access to health care, markets or a livelihood.',
  },
  data: {
    description: 'Real figures, or a generated sample. By default the real ones, or the sample if there are none.',
  },
});

const HEADERS: Record<string, HeaderDocs> = {
  ...ETAG,
  'X-As-Of': {
    description: 'The time of the figures’ last update by their source. Absent if there are none.',
    schema: { type: 'string', format: 'date-time' },
  },
  'X-Data-Type': { description: 'Present if the figures are a generated sample.', schema: { enum: ['SAMPLE'] } },
};

const UNCHANGED = { description: 'The copy that you have still holds.', headers: HEADERS };

export const routes = {
  'GET /metrics': route({
    roles: ANYBODY,
    query: metricsQuery,
    handle: getMetrics,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getMetrics',
      summary: 'The figures, by area and month and by country and day',
      description:
        "`metric_a`: for each area and month, the means of the daily values. `metric_b`: for each day, `people` is the sum over the areas, `prevalence` is that sum divided by their population, and `variance` is the population-weighted variance of the areas' prevalences around it. Missing values are left out of a mean.",
      query: {
        country: {
          description: `Three-letter codes with commas between them, at most ${METRIC_LIMITS.countries}.`,
          schema: { type: 'string', pattern: '^[A-Za-z]{3}(?:,[A-Za-z]{3})*$', default: DEFAULTS.countries.join(',') },
        },
        ...period(),
      },
      headers: { 'If-None-Match': IF_NONE_MATCH },
      replies: {
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
      problems: ['unavailable'],
      smoke: 'get-metrics-sample',
    },
  }),
  'GET /metrics/chart': route({
    roles: ANYBODY,
    query: chartQuery,
    handle: getChart,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getMetricsChart',
      summary: 'A country over time, as a picture',
      description: 'The prevalence of `metric_b`, with a band of one standard deviation of the areas around it.',
      query: {
        country: { description: 'A three-letter code.', schema: { type: 'string', pattern: '^[A-Za-z]{3}$' } },
        ...period(),
      },
      headers: { 'If-None-Match': IF_NONE_MATCH },
      replies: {
        200: {
          description: 'The picture.',
          headers: HEADERS,
          content: {
            'image/svg+xml': {
              schema: { type: 'string' },
              example: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 480"></svg>',
            },
          },
        },
        304: UNCHANGED,
      },
      problems: ['unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
