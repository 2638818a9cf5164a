/** The whole application with what it meets outside: the functions, and Google Sheets or a server that stands in for it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSheetsServer, type SheetsServer } from './google/sheets-server.ts';
import { startHost, type Host, type HostOptions } from './host.ts';

export interface StackOptions extends Omit<HostOptions, 'parameters'> {
  databaseUrl: string;
  /** Of the Sheets server; 0 for a free one. */
  sheetsPort?: number;
  /** A key file of a real service account: then the real Google is used, and no Sheets server is started. */
  serviceAccountFile?: string;
  /** Where exports go with the real Google, when neither the request nor the form says. */
  spreadsheetId?: string;
  parameters?: Record<string, string>;
}

export interface Stack {
  host: Host;
  /** Absent when the real Google is used. */
  sheets?: SheetsServer;
  stop: () => Promise<void>;
}

/** Where `npm run export` and its like find a running stack. */
export const STACK_FILE = 'stack.json';

/** What that file says: addresses, without a last slash. */
export interface StackAddresses {
  api: string;
  /** Of Lambda's Invoke API. */
  lambda: string;
  /** Of S3, SQS and SNS. */
  services?: string;
}

/**
 * Starts everything; when something cannot start, nothing is left running.
 *
 * @throws what `startHost` and `startSheetsServer` throw
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { databaseUrl, sheetsPort = 0, serviceAccountFile, spreadsheetId = '', parameters, ...hostOptions } = options;
  const sheets =
    serviceAccountFile === undefined
      ? await startSheetsServer({ port: sheetsPort, home: hostOptions.home })
      : undefined;
  try {
    const host = await startHost({
      ...hostOptions,
      parameters: {
        DatabaseUrl: databaseUrl,
        DefaultSpreadsheetId: sheets?.defaultSpreadsheetId ?? spreadsheetId,
        ...(sheets !== undefined && { GoogleSheetsUrl: `${sheets.url}/` }),
        ...parameters,
      },
    });
    const stackFile = join(hostOptions.home, STACK_FILE);
    const stop = async (): Promise<void> => {
      rmSync(stackFile, { force: true });
      await host.stop();
      await sheets?.stop();
    };
    try {
      const key =
        serviceAccountFile === undefined
          ? JSON.stringify(sheets?.serviceAccountKey)
          : readFileSync(serviceAccountFile, 'utf8');
      await storeCredentials(host, key);
      const { url: api, lambdaUrl: lambda, servicesUrl: services } = host;
      const addresses: StackAddresses = { api, lambda, ...(services !== undefined && { services }) };
      writeFileSync(stackFile, JSON.stringify(addresses));
    } catch (error) {
      await stop();
      throw error;
    }
    return { host, ...(sheets !== undefined && { sheets }), stop };
  } catch (error) {
    await sheets?.stop();
    throw error;
  }
}

/** Puts the key where the sheets function looks for it: its own environment says where. */
async function storeCredentials(host: Host, key: string): Promise<void> {
  const fn = host.model.functions.find(({ environment }) => environment['CREDENTIALS_BUCKET'] !== undefined);
  if (fn === undefined || host.servicesUrl === undefined) return;
  const s3 = localS3(host);
  const { CREDENTIALS_BUCKET: bucket, CREDENTIALS_KEY: objectKey } = fn.environment;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, Body: key }));
  s3.destroy();
}

/** A client of the stack's S3. */
export function localS3(host: Host): S3Client {
  return new S3Client({
    endpoint: host.servicesUrl ?? '',
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
}
