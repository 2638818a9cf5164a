/** The service account with which functions sign in to Google. */
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Environment } from '../environment.ts';
import { signIn, type GoogleAccount } from './google-auth.ts';
import { SheetError } from './sheet-error.ts';

/** Reads the environment's credentials bucket, its key file and the address of the Sheets API. */
export function googleAccountFrom(environment: Environment, s3: S3Client) {
  const bucket = environment.text('CREDENTIALS_BUCKET');
  const key = environment.text('CREDENTIALS_KEY');
  const url = environment.text('GOOGLE_SHEETS_URL', z.url());
  let account: Promise<GoogleAccount> | undefined;
  const forgetSignIn = (): void => {
    account = undefined;
  };
  const readAndSignIn = async (): Promise<GoogleAccount> => signIn(await readKey(s3, bucket, key), url);
  return {
    /** Signs in to Google as the service account, once. @throws {SheetError} if there is no usable key */
    signIn: (): Promise<GoogleAccount> => {
      account ??= readAndSignIn().catch((error: unknown) => {
        forgetSignIn();
        throw error;
      });
      return account;
    },
    /** Call it if Google refused the key: the next sign-in reads the key again. */
    forgetSignIn,
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
