import { randomUUID } from 'node:crypto';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { createDbProxyClient, WORKER_MS, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { signIn, type GoogleAccount } from './google-auth.ts';
import { systemClock, type Clock } from './retry.ts';
import { SheetError } from './sheet-error.ts';

/** A claim that is not renewed for so long belongs to nobody. */
const DEFAULT_LEASE_SECONDS = 60;

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  s3: S3Client;
  csvBucket: string;
  /** Google, signed in as the service account. @throws {SheetError} when there is no usable key */
  signIn: () => Promise<GoogleAccount>;
  /** The key that was read is of no use: the next sign-in reads it again. */
  forgetSignIn: () => void;
  clock: Clock;
  /** For how long nobody else may take over an export whose worker says nothing. */
  leaseSeconds: number;
  /** A name for this run of an export, which no other run has. */
  newHolder: () => string;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const variables = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      CSV_BUCKET: z.string().min(1),
      CREDENTIALS_BUCKET: z.string().min(1),
      CREDENTIALS_KEY: z.string().min(1),
      GOOGLE_SHEETS_URL: z.url(),
      EXPORT_LEASE_SECONDS: z.coerce.number().int().min(1).max(900).default(DEFAULT_LEASE_SECONDS),
    },
    environment,
  );
  const s3 = traceClient(new S3Client());
  let account: Promise<GoogleAccount> | undefined;
  const forgetSignIn = (): void => {
    account = undefined;
  };
  const readAndSignIn = async (): Promise<GoogleAccount> => {
    const key = await readKey(s3, variables.CREDENTIALS_BUCKET, variables.CREDENTIALS_KEY);
    return signIn(key, variables.GOOGLE_SHEETS_URL);
  };
  return {
    dbProxy: createDbProxyClient(variables.DB_PROXY_FUNCTION, WORKER_MS),
    logger: createLogger('sheets'),
    s3,
    csvBucket: variables.CSV_BUCKET,
    signIn: () => {
      account ??= readAndSignIn().catch((error: unknown) => {
        forgetSignIn();
        throw error;
      });
      return account;
    },
    forgetSignIn,
    clock: systemClock,
    leaseSeconds: variables.EXPORT_LEASE_SECONDS,
    newHolder: randomUUID,
  };
}

/** @throws {SheetError} when there is none */
export async function readKey(s3: S3Client, bucket: string, key: string): Promise<string> {
  try {
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await body?.transformToString()) ?? '';
  } catch (error) {
    if (!(error instanceof NoSuchKey)) throw error;
    throw new SheetError(
      `There is no Google service account yet: put its key file into the credentials bucket as ${key}.`,
    );
  }
}
