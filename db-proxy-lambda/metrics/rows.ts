import type { AreaMetric, MetricSeries } from '../contract.ts';

/** An area, real (0) or sample (1), as on the last day that has rows. */
interface AreasTable {
  sample: 0 | 1;
  area_id: number;
  iso3: string;
  name: string;
  population: number;
  seen_on: string;
}

/** One area's metric on one day. Real and sample rows have separate keys. */
interface AreaMetricsTable extends AreaMetric {
  iso3: string;
  sample: 0 | 1;
}

/** The state of a country's rows of one indicator. */
interface MetricSeriesTable extends Omit<MetricSeries, 'sample'> {
  sample: 0 | 1;
}

export interface MetricTables {
  areas: AreasTable;
  area_metrics: AreaMetricsTable;
  metric_series: MetricSeriesTable;
}
