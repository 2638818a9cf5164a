import { setTimeout as wait } from 'node:timers/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { HungerMap } from './hunger-map.ts';

export type Dependencies = Bound<typeof createDependencies>;

const httpUrl = z.url({ protocol: /^https?$/ });
const countries = z.string().regex(/^([A-Z]{3}(,[A-Z]{3})*)?$/, 'three-letter country codes with commas between them');

export function createDependencies(environment: Environment) {
  const s3 = traceClient(new S3Client({}));
  const dbProxy = workerDbProxyFrom(environment);
  const hungerMap: HungerMap = {
    url: environment.text('METRICS_API_URL', httpUrl),
    token: environment.optional('METRICS_API_TOKEN', z.string(), ''),
  };
  return {
    dbProxy,
    hungerMap,
    /** The countries that are fetched each day, by their three-letter codes. */
    countries: environment
      .text('METRICS_COUNTRIES', countries)
      .split(',')
      .filter((code) => code !== ''),
    /** The text of an object in S3. */
    readObject: async (bucket: string, key: string) => {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await body?.transformToString('utf-8')) ?? '';
    },
    /** Milliseconds, as Date.now gives them. */
    now: Date.now,
    wait: (milliseconds: number): Promise<unknown> => wait(milliseconds),
  };
}
