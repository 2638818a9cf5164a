import { METRIC_LIMITS } from '../../db-proxy-lambda/contract.ts';
import { ANYBODY } from '../shared/access.ts';
import { ETAG, IF_NONE_MATCH, jsonReply, ref, svgReply, type HeaderDocs } from '../shared/route-docs.ts';
import { createRouter, route } from '../shared/route.ts';
import { getChart, getMetrics } from './handler.ts';
import { chartQuery, DEFAULTS, metricsQuery } from './query.ts';

export const about = !process.env['BUNDLED'] && 'Food-security metrics of areas.';

/** A function, because bundles leave out functions that are not called. */
const period = () => ({
  from: { description: `The first day. A period has at most ${METRIC_LIMITS.days} days.` },
  to: { description: 'The last day.' },
  indicator: {
    description:
      '`fcs`: insufficient food consumption; `rcsi`: crisis or above crisis food-based coping; `healthAccess` and `marketAccess`: challenges accessing health care or markets; `livelihoodCoping`: crisis or above crisis livelihood coping.',
  },
  data: {
    description:
      'Real figures, or a generated sample. By default real figures, or the sample if there are no real figures.',
  },
});

const HEADERS: Record<string, HeaderDocs> = {
  ...ETAG,
  'X-As-Of': {
    description:
      'When the source last updated the figures; the oldest of several times. Absent if there are no figures.',
    schema: { type: 'string', format: 'date-time' },
  },
  'X-Data-Type': { description: 'Present if the figures are a generated sample.', schema: { enum: ['SAMPLE'] } },
};

const EXAMPLE = {
  COL: {
    metric_a: [
      {
        region: { id: 1020, name: 'Antioquia', population: 6_600_000 },
        average: { '2022-6': { people: 1_650_000, prevalence: 0.25 } },
      },
    ],
    metric_b: { '2022-06-01': { people: 13_000_000, prevalence: 0.26, variance: 0.004 } },
  },
};

const UNCHANGED = { description: 'Your copy is up to date.', headers: HEADERS };

export const routes = {
  'GET /metrics': route({
    roles: ANYBODY,
    query: metricsQuery,
    handle: getMetrics,
    docs: !process.env['BUNDLED'] && {
      operationId: 'getMetrics',
      summary: 'Figures by area and month, and by country and day',
      description:
        "`metric_a`: the means of the daily values, for each area and month; days without a value are left out. `metric_b`: for each day, `people` is the sum over the areas, `prevalence` is that sum divided by the population of these areas, and `variance` is the population-weighted variance of the areas' prevalences around that prevalence.",
      query: {
        country: {
          description: `Three-letter codes with commas between them, at most ${METRIC_LIMITS.countries}.`,
          schema: { type: 'string', pattern: '^[A-Za-z]{3}(?:,[A-Za-z]{3})*$', default: DEFAULTS.countries.join(',') },
        },
        ...period(),
      },
      headers: { 'If-None-Match': IF_NONE_MATCH },
      replies: {
        200: jsonReply('The figures.', ref('Metrics'), EXAMPLE, HEADERS),
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
      summary: 'A chart of a country over time',
      description:
        'An SVG with the prevalence in `metric_b`, and around it a band of one standard deviation of the areas.',
      query: {
        country: { description: 'A three-letter code.', schema: { type: 'string', pattern: '^[A-Za-z]{3}$' } },
        ...period(),
      },
      headers: { 'If-None-Match': IF_NONE_MATCH },
      replies: {
        200: svgReply('The chart.', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 480"></svg>', HEADERS),
        304: UNCHANGED,
      },
      problems: ['unavailable'],
    },
  }),
};

export const createHandler = createRouter(routes);
