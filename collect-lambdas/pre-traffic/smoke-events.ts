/** The request that tests each new version before it gets traffic. No request changes data. */
import * as z from 'zod';
import checkToken from '../../events/authorizer/unknown-token.json' with { type: 'json' };
import routeEvents from './smoke-events.json' with { type: 'json' };

export interface Smoke {
  /** The environment variable that names the version. */
  variable: string;
  event: unknown;
  /** Matches the reply of a working function. */
  reply: z.ZodType;
}

/** The environment variable with the version of a Lambda: `TASKS_VERSION`, `PRE_TRAFFIC_VERSION`. @param lambda its folder */
export function versionVariable(lambda: string): string {
  return `${lambda.replaceAll('-', '_').toUpperCase()}_VERSION`;
}

export const smokeEvents: readonly Smoke[] = [
  // Generated from the routes by `npm run generate`.
  ...routeEvents.map(({ lambda, statuses, event }) => ({
    variable: versionVariable(lambda),
    event,
    reply: z.object({ statusCode: z.literal(statuses) }),
  })),
  {
    variable: 'AUTHORIZER_VERSION',
    event: checkToken,
    reply: z.object({ isAuthorized: z.literal(true), context: z.object({ refused: z.string() }) }),
  },
];
