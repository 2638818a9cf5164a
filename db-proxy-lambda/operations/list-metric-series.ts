import { findSeries } from '../database/metrics.ts';
import type { Perform } from './operation.ts';

export const listMetricSeries: Perform<'listMetricSeries'> = async ({ db }) => ({ series: await findSeries(db) });
