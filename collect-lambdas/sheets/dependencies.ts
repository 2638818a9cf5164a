import { randomUUID } from 'node:crypto';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { signIn } from './google-auth.ts';
import { createGoogleSheets, type GoogleSheets } from './google-client.ts';
import { systemClock, type Clock } from './retry.ts';
import { SheetError } from './sheet-error.ts';

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  s3: S3Client;
  csvBucket: string;
  /** Google Sheets, signed in as the service account. @throws {SheetError} when there is no usable key */
  openGoogleSheets: () => Promise<GoogleSheets>;
  clock: Clock;
  /** A name for this run of an export, which no other run has. */
  newHolder: () => string;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, CSV_BUCKET, CREDENTIALS_BUCKET, CREDENTIALS_KEY, GOOGLE_SHEETS_URL } = readEnvironment(
    {
      DB_PROXY_FUNCTION: z.string().min(1),
      CSV_BUCKET: z.string().min(1),
      CREDENTIALS_BUCKET: z.string().min(1),
      CREDENTIALS_KEY: z.string().min(1),
      GOOGLE_SHEETS_URL: z.url(),
    },
    environment,
  );
  const s3 = new S3Client();
  let google: Promise<GoogleSheets> | undefined;
  const open = async (): Promise<GoogleSheets> => {
    const key = await readKey(s3, CREDENTIALS_BUCKET, CREDENTIALS_KEY);
    const { client, account } = signIn(key, GOOGLE_SHEETS_URL);
    return createGoogleSheets(client, account, systemClock);
  };
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger: createLogger('sheets'),
    s3,
    csvBucket: CSV_BUCKET,
    openGoogleSheets: () => {
      google ??= open().catch((error: unknown) => {
        google = undefined;
        throw error;
      });
      return google;
    },
    clock: systemClock,
    newHolder: randomUUID,
  };
}

async function readKey(s3: S3Client, bucket: string, key: string): Promise<string> {
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
