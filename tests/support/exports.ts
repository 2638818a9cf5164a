/** Helpers for tests of exports: a clock, an object store, a worker with real services, and readers of its output. */
import { MemoryStore } from './memory-store.ts';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { Dependencies } from '../../collect-lambdas/sheets/dependencies.ts';
import { signIn } from '../../collect-lambdas/shared/google/google-auth.ts';
import type { Clock } from '../../collect-lambdas/shared/google/clock.ts';
import type { DbProxy } from '../../collect-lambdas/shared/db-proxy-client.ts';
import type { Cell, ExportBound, Input, StoredExport } from '../../db-proxy-lambda/contract.ts';
import type { Database } from '../../db-proxy-lambda/database/database.ts';
import type { SheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { localClientOptions } from '../../local/local-aws.ts';
import { Services } from '../../local/services/services.ts';
import { RecordingLogger } from './recording-logger.ts';

export const TABLE = 'household_finances';

/** A clock whose time passes only during waits. It begins at the real time, because sign-ins check the time. */
export class FakeClock implements Clock {
  /** The durations of the waits, in milliseconds. */
  readonly waits: number[] = [];
  #time = Date.now();

  now = (): number => this.#time;
  random = (): number => 0.5;
  wait = (milliseconds: number): Promise<void> => {
    this.waits.push(milliseconds);
    this.#time += milliseconds;
    return Promise.resolve();
  };
}

/** fauxqs with one bucket, and a client whose commands can fail. */
export class ObjectStore {
  readonly bucket = 'csv';
  readonly s3: S3Client;
  /** The names of the sent commands. */
  readonly commands: string[] = [];
  /** Called before each command with its name. If it throws, the command fails with this error. */
  onCommand: (name: string) => void = () => undefined;
  readonly #services: Services;
  readonly #folder: string;

  private constructor(services: Services, folder: string) {
    this.#services = services;
    this.#folder = folder;
    this.s3 = new S3Client(localClientOptions(services.url));
    this.s3.middlewareStack.add(
      (next, context) => (input) => {
        this.commands.push(context.commandName ?? '');
        this.onCommand(context.commandName ?? '');
        return next(input);
      },
      { step: 'initialize' },
    );
  }

  static async start(): Promise<ObjectStore> {
    const folder = mkdtempSync(path.join(tmpdir(), 'collect-objects-'));
    const services = new Services();
    await services.start(folder);
    const store = new ObjectStore(services, folder);
    await store.s3.send(new CreateBucketCommand({ Bucket: store.bucket }));
    return store;
  }

  async keys(): Promise<string[]> {
    const { Contents: contents = [] } = await this.s3.send(new ListObjectsV2Command({ Bucket: this.bucket }));
    return contents.map(({ Key: key }) => key ?? '');
  }

  async read(key: string): Promise<Buffer> {
    const { Body: body } = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    return Buffer.from((await body?.transformToByteArray()) ?? []);
  }

  async stop(): Promise<void> {
    this.s3.destroy();
    await this.#services.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A worker's dependencies: real services, and a clock that does not wait. */
export function workerDependencies(
  dbProxy: DbProxy,
  store: ObjectStore,
  sheets: SheetsServer,
  changes: Partial<Dependencies> = {},
): Dependencies & { logger: RecordingLogger; clock: Clock } {
  return {
    dbProxy,
    s3: store.s3,
    csvBucket: store.bucket,
    files: new MemoryStore(),
    signIn: () => Promise.resolve(signIn(JSON.stringify(sheets.serviceAccountKey), `${sheets.url}/`)),
    forgetSignIn: () => undefined,
    clock: new FakeClock(),
    leaseSeconds: 60,
    newHolder: randomUUID,
    ...changes,
    logger: new RecordingLogger(),
  };
}

/** Requests an export, by default only to CSV. @returns its id */
export async function ask(
  dbProxy: DbProxy,
  changes: Partial<Input<'requestExport'>['request']> & { table?: string } = {},
): Promise<string> {
  const { table = TABLE, ...request } = changes;
  const { export: stored } = await dbProxy.call('requestExport', {
    export_id: randomUUID(),
    table_name: table,
    request: { spreadsheet_id: null, format: { csv: true, sheet: false }, filter: {}, ...request },
  });
  return stored.export_id;
}

export async function stateOf(dbProxy: DbProxy, exportId: string): Promise<StoredExport> {
  const { export: stored } = await dbProxy.call('getExport', { export_id: exportId });
  if (stored === null) throw new Error(`There is no export ${exportId}.`);
  return stored;
}

/** Every row of a table at a bound (the moment at which the export starts). Reads pages, as a worker does. */
export async function readAll(
  dbProxy: DbProxy,
  bound: ExportBound,
  {
    table = TABLE,
    filter = {},
    ...options
  }: Partial<Omit<Input<'readTable'>, 'bound' | 'after'>> & { table?: string } = {},
): Promise<Cell[][]> {
  const all: Cell[][] = [];
  let after: string | null = null;
  do {
    const page: { rows: Cell[][]; next: string | null } = await dbProxy.call('readTable', {
      table_name: table,
      bound,
      filter,
      ...options,
      after,
    });
    all.push(...page.rows);
    after = page.next;
  } while (after !== null);
  return all;
}

/** Empties the tables of exports, so that the tests of a suite share a database but no rows. */
export async function emptyTables({ db }: Database): Promise<void> {
  for (const table of [
    'exports',
    'leases',
    'response_revisions',
    'late_revisions',
    'responses',
    'tasks',
    'task_follow_ups',
    'audit_events',
    'attachments',
    'expected_files',
    'awaited_uploads',
    'reviews',
  ] as const) {
    await db.deleteFrom(table).execute();
  }
  await db.deleteFrom('forms').where('form_id', '!=', TABLE).execute();
  await db.deleteFrom('forms').where('version', '>', 1).execute();
}

/** Claims an export. @returns its bound and its columns */
export async function claim(dbProxy: DbProxy, exportId: string, holder = 'worker-1') {
  const claimed = await dbProxy.call('claimExport', { export_id: exportId, holder, lease_seconds: 60 });
  if (claimed.claim !== 'granted') throw new Error(`The export was not granted: ${claimed.claim}`);
  return claimed;
}

/** Parses a CSV with a third-party library. */
export function readCsv(text: Buffer | string): string[][] {
  return parse(text, { bom: false, relax_column_count: false });
}

/** The cells of a tab, with numbers as numbers. Rows are padded to the header's length. */
export function readTab(
  sheets: SheetsServer,
  tab: string,
  spreadsheetId = sheets.defaultSpreadsheetId,
): (string | number)[][] {
  const rows = sheets.readTab(spreadsheetId, tab);
  const width = rows[0]?.length ?? 0;
  return rows.map((row) => [...row, ...Array.from({ length: Math.max(0, width - row.length) }, () => '')]);
}

/** The sheet's cell for this CSV cell: text without the guard character, numbers as numbers, times as serial numbers. */
export function asSheetCell(cell: string, type: string): string | number {
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(cell)) return Number(cell);
  if (type === 'time' && cell !== '') return Date.parse(cell) / 86_400_000 + 25_569;
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
