/** What a new version must be able to answer before anybody else asks it. None of these changes anything. */
import * as z from 'zod';
import checkToken from '../../events/authorizer/unknown-token.json' with { type: 'json' };
import calculate from '../../events/calculation/calculate.json' with { type: 'json' };
import health from '../../events/collect/health.json' with { type: 'json' };
import getOpenapi from '../../events/docs/get-openapi.json' with { type: 'json' };
import listTables from '../../events/exports/tables.json' with { type: 'json' };
import listForms from '../../events/forms/list.json' with { type: 'json' };
import getHello from '../../events/hello/get-hello.json' with { type: 'json' };
import getMetrics from '../../events/metrics/get-metrics-sample.json' with { type: 'json' };
import listResponses from '../../events/responses/worklist.json' with { type: 'json' };
import listTasks from '../../events/tasks/list-companies.json' with { type: 'json' };
import listTokens from '../../events/tokens/list-tokens.json' with { type: 'json' };

export interface Smoke {
  /** The environment variable that names the version. */
  variable: string;
  event: unknown;
  /** What a working function answers. */
  answer: z.ZodType;
}

const withStatus = (...statuses: number[]) => z.object({ statusCode: z.literal(statuses) });

export const smokeEvents: readonly Smoke[] = [
  { variable: 'COLLECT_VERSION', event: health, answer: withStatus(200) },
  { variable: 'RESPONSES_VERSION', event: listResponses, answer: withStatus(200) },
  { variable: 'FORMS_VERSION', event: listForms, answer: withStatus(200) },
  { variable: 'EXPORTS_VERSION', event: listTables, answer: withStatus(200) },
  { variable: 'METRICS_VERSION', event: getMetrics, answer: withStatus(200) },
  { variable: 'TASKS_VERSION', event: listTasks, answer: withStatus(200) },
  { variable: 'TOKENS_VERSION', event: listTokens, answer: withStatus(200) },
  {
    variable: 'AUTHORIZER_VERSION',
    event: checkToken,
    answer: z.object({ isAuthorized: z.literal(true), context: z.object({ refused: z.string() }) }),
  },
  // Nobody may have told a birthday yet.
  { variable: 'HELLO_VERSION', event: getHello, answer: withStatus(200, 404) },
  { variable: 'CALCULATION_VERSION', event: calculate, answer: withStatus(200) },
  { variable: 'DOCS_VERSION', event: getOpenapi, answer: withStatus(200) },
];
