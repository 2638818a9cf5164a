/** Rows of metrics in the format of the HungerMap API, and the events of events/metrics/. */
import { readRows } from '../../collect-lambdas/metrics-ingest/rows.ts';
import { saveRows, type Saved } from '../../collect-lambdas/metrics-ingest/save-rows.ts';
import type { DbProxy } from '../../collect-lambdas/shared/db-proxy-client.ts';
import type { HttpEvent } from '../../collect-lambdas/shared/http.ts';
import { httpEventFile } from './event-file.ts';

export interface RowChanges {
  iso3?: string;
  country?: string;
  id?: number;
  name?: string;
  population?: number;
  date?: string;
  dataType?: string;
  /** By indicator; null if the API left out the metrics. */
  metrics?: Record<string, unknown> | null;
}

const COUNTRY_NAMES: Record<string, string> = { COL: 'Colombia', BFA: 'Burkina Faso' };

/** One area on one day. By default area 1 of Colombia, with 100 of its 1,000 people. */
export function apiRow(changes: RowChanges = {}): Record<string, unknown> {
  const { iso3 = 'COL', id = 1, population = 1_000, date = '2022-06-01', dataType = 'PREDICTION' } = changes;
  const { country = COUNTRY_NAMES[iso3] ?? iso3, name = `Area ${id}` } = changes;
  const { metrics = { fcs: { people: 100, prevalence: 0.1 } } } = changes;
  return {
    country: { id: 1, name: country, iso3, iso2: iso3.slice(0, 2) },
    region: { id, name, population },
    date,
    dataType,
    ...(metrics !== null && { metrics }),
  };
}

/** An fcs metric: people, and their share of a population. */
export function fcs(people: number, population = 1_000) {
  return { fcs: { people, prevalence: people / population } };
}

/** Saves rows as the ingest function does. @throws if a row is invalid */
export async function saveApiRows(dbProxy: DbProxy, items: readonly unknown[]): Promise<Saved> {
  const { rows, rejected } = readRows(items);
  if (rejected.length > 0) throw new Error(`Not rows: ${JSON.stringify(rejected[0])}`);
  return saveRows({ dbProxy, wait: () => Promise.reject(new Error('No call should be retried.')) }, rows);
}

/** A new copy of an event of events/metrics. */
export function metricsEvent(name: string): HttpEvent {
  return httpEventFile('metrics', name);
}
