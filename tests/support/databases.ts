/** The databases that a suite runs on: each test gets an empty one of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';

export type ServerKind = 'mariadb' | 'mysql';
export type TestDatabaseKind = 'sqlite' | ServerKind;

export interface TestDatabase {
  /** As DATABASE_URL takes it. */
  url: string;
  drop: () => Promise<void>;
}

/** The servers of this run, as global-setup.ts started or found them. */
const servers: Partial<Record<ServerKind, string>> = JSON.parse(process.env['COLLECT_TEST_SERVERS'] ?? '{}');

/** The deployed engine first. */
const serverKinds = (['mysql', 'mariadb'] as const).filter((kind) => servers[kind] !== undefined);

/** Every database of this run: for suites about what the databases do, which are the proxy's own and the contract's. */
export const everyDatabaseKind: readonly TestDatabaseKind[] = ['sqlite', ...serverKinds];

/** SQLite and one server, MySQL where there is one: for suites of what stands on the proxy. */
export const databaseKinds: readonly TestDatabaseKind[] = ['sqlite', ...serverKinds.slice(0, 1)];

/** `describe` on each server of the run, for what SQLite has not; skipped, as global-setup.ts says, where there is none. */
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

/** The database of an end-to-end test's stack: SQLite, unless STACK_DATABASE names a server of this run. */
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
