/** The databases on which suites run. Each test gets an empty database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { SERVER_KINDS, type ServerKind } from './private-server.ts';

export type TestDatabaseKind = 'sqlite' | ServerKind;

export interface TestDatabase {
  /** In the format of DATABASE_URL. */
  url: string;
  drop: () => Promise<void>;
}

/** The URLs of this run's servers, set by tests/setup. */
const servers: Partial<Record<ServerKind, string>> = JSON.parse(process.env['COLLECT_TEST_SERVERS'] ?? '{}');

const serverKinds = SERVER_KINDS.filter((kind) => servers[kind] !== undefined);

/** Every database of this run: for suites about differences between databases. */
export const everyDatabaseKind: readonly TestDatabaseKind[] = ['sqlite', ...serverKinds];

/** SQLite, and with TEST_ALL_DATABASES=1 every server of the run: for suites that use only the proxy, or take long. */
export const databaseKinds: readonly TestDatabaseKind[] =
  process.env['TEST_ALL_DATABASES'] === '1' ? everyDatabaseKind : ['sqlite'];

/** `describe` on each server of the run, for features that SQLite lacks. Skipped without a server. */
export function describeOnServers(title: string, suite: (kind: ServerKind) => void): void {
  for (const kind of serverKinds) describe(`${title}, on ${kind}`, () => suite(kind));
  if (serverKinds.length === 0) describe.skip(title, () => suite('mysql'));
}

export async function createTestDatabase(kind: TestDatabaseKind): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(path.join(tmpdir(), 'collect-sqlite-'));
    return {
      url: `sqlite:${path.join(folder, 'collect.sqlite')}`,
      drop: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    };
  }
  const server = new URL(servers[kind] ?? '');
  server.pathname = '/';
  const name = `collect_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(server, `drop database ${name}`) };
}

/** The database of an end-to-end test: SQLite, or the server that STACK_DATABASE names. */
export function createStackDatabase(): Promise<TestDatabase> {
  const named = serverKinds.find((kind) => kind === process.env['STACK_DATABASE']);
  if (named === undefined && process.env['STACK_DATABASE'] !== undefined) {
    throw new Error(
      `STACK_DATABASE is ${process.env['STACK_DATABASE']}; this run has ${everyDatabaseKind.join(', ')}.`,
    );
  }
  return createTestDatabase(named ?? 'sqlite');
}

async function run(server: URL, statement: string): Promise<void> {
  const connection = await createConnection(server.href);
  await connection.query(statement);
  await connection.end();
}
