import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { fileStoreFrom, workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { googleAccountFrom } from '../shared/google/account.ts';
import { systemClock } from '../shared/google/clock.ts';

/** An export's claim expires this long after its last renewal. */
const DEFAULT_LEASE_SECONDS = 60;

export type Dependencies = Bound<typeof createDependencies>;

const leaseSeconds = z.coerce.number().int().min(1).max(900);

export function createDependencies(environment: Environment) {
  const s3 = traceClient(new S3Client());
  const dbProxy = workerDbProxyFrom(environment);
  const csvBucket = environment.text('CSV_BUCKET');
  return {
    dbProxy,
    s3,
    csvBucket,
    /** The bucket of attachments. */
    files: fileStoreFrom(environment),
    ...googleAccountFrom(environment, s3),
    clock: systemClock,
    leaseSeconds: environment.optional('EXPORT_LEASE_SECONDS', leaseSeconds, DEFAULT_LEASE_SECONDS),
    /** A unique name for this run of an export. */
    newHolder: (): string => randomUUID(),
  };
}
