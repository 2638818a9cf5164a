import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import { backOffFrom, publishTriggerFrom, workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { googleAccountFrom } from '../shared/google/account.ts';
import { systemClock } from '../shared/google/clock.ts';
import type { Logger } from '../shared/logger.ts';

export type Dependencies = Bound<typeof createDependencies>;

export function createDependencies(environment: Environment, logger: Logger) {
  return {
    dbProxy: workerDbProxyFrom(environment),
    ...googleAccountFrom(environment, traceClient(new S3Client())),
    backOff: backOffFrom(environment, 'LIVE_SHEET_QUEUE_URL', logger),
    /** Starts the publisher, which starts the workers of webhooks. */
    triggerPublish: publishTriggerFrom(environment, logger),
    clock: systemClock,
    /** A unique name for this run of a sheet. */
    newHolder: (): string => randomUUID(),
  };
}
