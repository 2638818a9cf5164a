/** The whole application: the functions with their services, and Google Sheets or its emulator. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { repairSnapshot } from '../collect-lambdas/sweep/repair.ts';
import { startSheetsServer, type SheetsServer } from '../emulators/google-sheets/sheets-server.ts';
import { startHost, type Host, type HostOptions } from './host.ts';
import { dbProxyBehind, localStore } from './local-aws.ts';
import { STACK_FILE, type RunningStack } from './running-stack.ts';
import { prepareTokens, type StackTokens } from './tokens.ts';

export interface StackOptions extends Omit<HostOptions, 'parameters'> {
  databaseUrl: string;
  /** The port of the Sheets emulator; 0 for any free port. */
  sheetsPort?: number;
  /** The key file of a real service account: the stack then uses the real Google and starts no emulator. */
  serviceAccountFile?: string;
  /** The default spreadsheet of exports with the real Google. */
  spreadsheetId?: string;
  /** Tokens that the stack must accept. It generates those that are left out. */
  tokens?: Partial<StackTokens>;
  /** False for tests that send no token, or that have no database to store it. */
  takesTokens?: boolean;
  parameters?: Record<string, string>;
}

export interface Stack {
  host: Host;
  /** Absent with the real Google. */
  sheets?: SheetsServer;
  /** Absent when the template has no db-proxy to store them. */
  tokens?: StackTokens;
  stop: () => Promise<void>;
}

const PROXY_ID = 'DbProxy/DbProxyFunction';

/**
 * Starts everything. If a part cannot start, the others are stopped.
 *
 * @throws the errors of `startHost` and `startSheetsServer`
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { databaseUrl, sheetsPort = 0, serviceAccountFile, spreadsheetId = '', parameters, ...others } = options;
  const { tokens: given = {}, takesTokens = true, ...hostOptions } = others;
  const stackFile = join(hostOptions.home, STACK_FILE);
  const ends: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    while (ends.length > 0) await ends.pop()?.();
  };
  try {
    const sheets =
      serviceAccountFile === undefined
        ? await startSheetsServer({ port: sheetsPort, home: hostOptions.home })
        : undefined;
    ends.push(() => sheets?.stop());
    const host = await startHost({
      ...hostOptions,
      parameters: {
        DatabaseUrl: databaseUrl,
        WebhookLoopback: 'allow',
        DefaultSpreadsheetId: sheets?.defaultSpreadsheetId ?? spreadsheetId,
        ...(sheets !== undefined && { GoogleSheetsUrl: `${sheets.url}/` }),
        ...parameters,
      },
    });
    ends.push(async () => {
      rmSync(stackFile, { force: true });
      await host.stop();
      checkpoint(databaseUrl);
    });
    await storeCredentials(
      host,
      serviceAccountFile === undefined
        ? JSON.stringify(sheets?.serviceAccountKey)
        : readFileSync(serviceAccountFile, 'utf8'),
    );
    const { url: api, lambdaUrl: lambda, servicesUrl: services = '' } = host;
    const dbProxyName = host.model.functions.find(({ id }) => id === PROXY_ID)?.name;
    const snapshotBucket = variableOf(host, 'SNAPSHOT_BUCKET') ?? '';
    let tokens: StackTokens | undefined;
    if (dbProxyName !== undefined && takesTokens) {
      const dbProxy = dbProxyOf(host, dbProxyName);
      tokens = await prepareTokens(dbProxy, hostOptions.home, given);
      // Copies the database's forms and tokens to the snapshot, which the functions read during an outage.
      if (snapshotBucket !== '') await repairSnapshot(dbProxy, snapshotStore(host));
    }
    const dbProxy = dbProxyName ?? '';
    const running: RunningStack = { api, lambda, dbProxy, token: tokens?.manager ?? '', services, snapshotBucket };
    writeFileSync(stackFile, JSON.stringify(running), { mode: 0o600 });
    return { host, ...(sheets !== undefined && { sheets }), ...(tokens !== undefined && { tokens }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The db-proxy of a stack, by the name of its function. */
export function dbProxyOf({ functions }: Host, name: string) {
  return dbProxyBehind(async (request) => (await functions.invoke(name, Buffer.from(request))).payload.toString());
}

/** @throws {Error} when the stack has no tokens */
export function tokensOf({ tokens }: Pick<Stack, 'tokens'>): StackTokens {
  if (tokens === undefined) throw new Error('The stack has no tokens, because it has no db-proxy.');
  return tokens;
}

/** The bucket of a stack that holds the snapshot. */
export function snapshotStore(host: Host) {
  return localStore(variableOf(host, 'SNAPSHOT_BUCKET') ?? '', host.servicesUrl ?? '');
}

/** The bucket of a stack with uploaded forms, submissions and attachments. */
export function filesStore(host: Host) {
  return localStore(variableOf(host, 'FILES_BUCKET') ?? '', host.servicesUrl ?? '');
}

/** A variable of the first function that has it. */
function variableOf({ model }: Host, name: string): string | undefined {
  return model.functions.find(({ environment }) => environment[name] !== undefined)?.environment[name];
}

/** Stores the service account's key in the bucket from which the sheets function reads it. */
async function storeCredentials(host: Host, key: string): Promise<void> {
  const bucket = variableOf(host, 'CREDENTIALS_BUCKET');
  if (bucket === undefined || host.servicesUrl === undefined) return;
  await localStore(bucket, host.servicesUrl).put(variableOf(host, 'CREDENTIALS_KEY') ?? '', key);
}

/** Moves SQLite's write-ahead log into the database file. The functions are killed before they could do this. */
function checkpoint(databaseUrl: string): void {
  const [, file] = /^sqlite:(.+)$/.exec(databaseUrl) ?? [];
  if (file === undefined || !existsSync(file)) return;
  const database = new DatabaseSync(file);
  database.exec('pragma wal_checkpoint(truncate)');
  database.close();
}
