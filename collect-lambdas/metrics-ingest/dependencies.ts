import { setTimeout as wait } from 'node:timers/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { createDbProxyClient, WORKER_MS, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import type { HungerMap } from './hunger-map.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  hungerMap: HungerMap;
  /** The countries that are fetched each day, by their three-letter codes. */
  countries: readonly string[];
  /** The text of an object in S3. */
  readObject: (bucket: string, key: string) => Promise<string>;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
  wait: (milliseconds: number) => Promise<unknown>;
}

const environmentShape = {
  DB_PROXY_FUNCTION: z.string().min(1),
  METRICS_API_URL: z.url({ protocol: /^https?$/ }),
  METRICS_API_TOKEN: z.string().default(''),
  METRICS_COUNTRIES: z
    .string()
    .regex(/^([A-Z]{3}(,[A-Z]{3})*)?$/, 'three-letter country codes with commas between them')
    .transform((text) => (text === '' ? [] : text.split(','))),
};

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const read = readEnvironment(environmentShape, environment);
  const s3 = traceClient(new S3Client({}));
  return {
    dbProxy: createDbProxyClient(read.DB_PROXY_FUNCTION, WORKER_MS),
    logger: createLogger('metrics-ingest'),
    hungerMap: { fetch, url: read.METRICS_API_URL, token: read.METRICS_API_TOKEN },
    countries: read.METRICS_COUNTRIES,
    readObject: async (bucket, key) => {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await body?.transformToString('utf-8')) ?? '';
    },
    now: Date.now,
    wait: (milliseconds) => wait(milliseconds),
  };
}
