/** The whole application with what it meets outside: the functions, and Google Sheets or a server that stands in for it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSheetsServer, type SheetsServer } from '../emulators/google-sheets/sheets-server.ts';
import { startHost, type Host, type HostOptions } from './host.ts';
import { STACK_FILE, type RunningStack } from './running-stack.ts';
import { fillSnapshot, snapshotBucket } from './snapshot.ts';
import { prepareTokens, type InvokeProxy, type StackTokens } from './tokens.ts';

export interface StackOptions extends Omit<HostOptions, 'parameters'> {
  databaseUrl: string;
  /** Of the Sheets server; 0 for a free one. */
  sheetsPort?: number;
  /** A key file of a real service account: then the real Google is used, and no Sheets server is started. */
  serviceAccountFile?: string;
  /** Where exports go with the real Google, when neither the request nor the form says. */
  spreadsheetId?: string;
  /** Tokens that it must take, in place of those that it makes. */
  tokens?: Partial<StackTokens>;
  /** False where nobody asks for tokens, or there is no database to keep them. */
  takesTokens?: boolean;
  parameters?: Record<string, string>;
}

export interface Stack {
  host: Host;
  /** Absent when the real Google is used. */
  sheets?: SheetsServer;
  /** That it takes; absent where the template has no db-proxy that could store them. */
  tokens?: StackTokens;
  stop: () => Promise<void>;
}

const PROXY_ID = 'DbProxy/DbProxyFunction';

/**
 * Starts everything; when something cannot start, nothing is left running.
 *
 * @throws what `startHost` and `startSheetsServer` throw
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const {
    databaseUrl,
    sheetsPort = 0,
    serviceAccountFile,
    spreadsheetId = '',
    tokens: given = {},
    takesTokens = true,
    parameters,
    ...hostOptions
  } = options;
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
      const dbProxy = host.model.functions.find(({ id }) => id === PROXY_ID)?.name;
      const tokens =
        dbProxy === undefined || !takesTokens
          ? undefined
          : await prepareTokens(invokeOf(host, dbProxy), hostOptions.home, given);
      if (dbProxy !== undefined && tokens !== undefined) await fillSnapshot(host, dbProxy);
      const { url: api, lambdaUrl: lambda, servicesUrl: services } = host;
      const running: RunningStack = {
        api,
        lambda,
        dbProxy: dbProxy ?? '',
        token: tokens?.manager ?? '',
        services: services ?? '',
        snapshotBucket: snapshotBucket(host) ?? '',
      };
      writeFileSync(stackFile, JSON.stringify(running), { mode: 0o600 });
      return { host, ...(sheets !== undefined && { sheets }), ...(tokens !== undefined && { tokens }), stop };
    } catch (error) {
      await stop();
      throw error;
    }
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

function invokeOf({ functions }: Host, name: string): InvokeProxy {
  return async (request) => {
    const { payload } = await functions.invoke(name, Buffer.from(JSON.stringify(request)));
    return JSON.parse(payload.toString());
  };
}

/** @throws {Error} when the stack has none */
export function tokensOf({ tokens }: Pick<Stack, 'tokens'>): StackTokens {
  if (tokens === undefined) throw new Error('The stack has no db-proxy, and so no tokens.');
  return tokens;
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
