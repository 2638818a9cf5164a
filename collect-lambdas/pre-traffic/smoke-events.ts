/** What a new version must be able to answer before anybody else asks it. None of these changes anything. */
import calculate from '../../events/calculation/calculate.json' with { type: 'json' };
import health from '../../events/collect/health.json' with { type: 'json' };
import getOpenapi from '../../events/docs/get-openapi.json' with { type: 'json' };
import listTables from '../../events/exports/tables.json' with { type: 'json' };
import listForms from '../../events/forms/list.json' with { type: 'json' };
import getHello from '../../events/hello/get-hello.json' with { type: 'json' };
import getMetrics from '../../events/metrics/get-metrics-sample.json' with { type: 'json' };
import listResponses from '../../events/responses/worklist.json' with { type: 'json' };
import listTasks from '../../events/tasks/list-companies.json' with { type: 'json' };

export interface Smoke {
  /** The environment variable that names the version. */
  variable: string;
  event: unknown;
  /** The answers that a working function may give. */
  statuses: readonly number[];
}

export const smokeEvents: readonly Smoke[] = [
  { variable: 'COLLECT_VERSION', event: health, statuses: [200] },
  { variable: 'RESPONSES_VERSION', event: listResponses, statuses: [200] },
  { variable: 'FORMS_VERSION', event: listForms, statuses: [200] },
  { variable: 'EXPORTS_VERSION', event: listTables, statuses: [200] },
  { variable: 'METRICS_VERSION', event: getMetrics, statuses: [200] },
  { variable: 'TASKS_VERSION', event: listTasks, statuses: [200] },
  // Nobody may have told a birthday yet.
  { variable: 'HELLO_VERSION', event: getHello, statuses: [200, 404] },
  { variable: 'CALCULATION_VERSION', event: calculate, statuses: [200] },
  { variable: 'DOCS_VERSION', event: getOpenapi, statuses: [200] },
];
