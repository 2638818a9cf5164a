import { randomUUID } from 'node:crypto';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { fileStoreFrom, workerDbProxyFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import { signIn, type GoogleAccount } from './google-auth.ts';
import { systemClock } from './clock.ts';
import { SheetError } from './sheet-error.ts';

/** An export's claim expires this long after its last renewal. */
const DEFAULT_LEASE_SECONDS = 60;

export type Dependencies = Bound<typeof createDependencies>;

const leaseSeconds = z.coerce.number().int().min(1).max(900);

export function createDependencies(environment: Environment) {
  const s3 = traceClient(new S3Client());
  const dbProxy = workerDbProxyFrom(environment);
  const csvBucket = environment.text('CSV_BUCKET');
  const credentialsBucket = environment.text('CREDENTIALS_BUCKET');
  const credentialsKey = environment.text('CREDENTIALS_KEY');
  const googleSheetsUrl = environment.text('GOOGLE_SHEETS_URL', z.url());
  let account: Promise<GoogleAccount> | undefined;
  const forgetSignIn = (): void => {
    account = undefined;
  };
  const readAndSignIn = async (): Promise<GoogleAccount> =>
    signIn(await readKey(s3, credentialsBucket, credentialsKey), googleSheetsUrl);
  return {
    dbProxy,
    s3,
    csvBucket,
    /** The bucket of attachments. */
    files: fileStoreFrom(environment),
    /** Signs in to Google as the service account, once. @throws {SheetError} if there is no usable key */
    signIn: () => {
      account ??= readAndSignIn().catch((error: unknown) => {
        forgetSignIn();
        throw error;
      });
      return account;
    },
    /** For a key that Google refused: the next sign-in reads the key again. */
    forgetSignIn,
    clock: systemClock,
    leaseSeconds: environment.optional('EXPORT_LEASE_SECONDS', leaseSeconds, DEFAULT_LEASE_SECONDS),
    /** A unique name for this run of an export. */
    newHolder: (): string => randomUUID(),
  };
}

/** @throws {SheetError} if there is no key */
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
