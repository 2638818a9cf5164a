/** The query parameters of metrics. */
import * as z from 'zod';
import { INDICATORS, METRIC_LIMITS } from '../../db-proxy-lambda/contract.ts';
import { Problem } from '../shared/problem.ts';

/** The default countries and the default period. */
export const DEFAULTS = { countries: ['COL', 'BFA'], from: '2022-06-01', to: '2023-07-01', indicator: 'fcs' } as const;

const DAY_MS = 86_400_000;

const day = z.iso.date('Send a day such as 2022-06-01.');

const period = {
  from: day.default(DEFAULTS.from),
  to: day.default(DEFAULTS.to),
  indicator: z.enum(INDICATORS, `Send one of ${INDICATORS.join(', ')}.`).default(DEFAULTS.indicator),
  /** By default real rows, or the sample if there are no real rows. */
  data: z.enum(['real', 'sample'], 'Send real or sample, or leave it out.').optional(),
};

const COUNTRY_CODE = /^[A-Z]{3}$/i;

/** The parameters of GET /metrics. */
export const metricsQuery = {
  country: z
    .string()
    .transform((text) => [...new Set(text.toUpperCase().split(','))])
    .refine(
      (codes) => codes.length <= METRIC_LIMITS.countries && codes.every((code) => COUNTRY_CODE.test(code)),
      `Send at most ${METRIC_LIMITS.countries} three-letter country codes with commas between them, such as COL,BFA.`,
    )
    .default([...DEFAULTS.countries]),
  ...period,
};

/** The parameters of GET /metrics/chart. */
export const chartQuery = {
  country: z
    .string('Send a three-letter country code, such as COL.')
    .regex(COUNTRY_CODE, 'Send one three-letter country code, such as COL.')
    .transform((code) => [code.toUpperCase()]),
  ...period,
};

export type MetricsQuery = ReturnType<typeof checkPeriod>;

/** @throws {Problem} 422 `invalid-parameter` for a period that is empty or too long */
export function checkPeriod({ country: countries, ...query }: z.infer<z.ZodObject<typeof metricsQuery>>) {
  const { from, to } = query;
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1) {
    const detail = `Send a day on or after from (${from}); the default is ${DEFAULTS.to}.`;
    throw new Problem('invalid-parameter', { errors: [{ pointer: '/to', detail }] });
  }
  if (days > METRIC_LIMITS.days) {
    const detail = `Request at most ${METRIC_LIMITS.days} days; from ${from} to ${to} are ${days} days.`;
    throw new Problem('invalid-parameter', { errors: [{ pointer: '/from', detail }] });
  }
  return { countries, ...query };
}
