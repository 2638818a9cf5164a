/** The databases that a suite runs on: each test gets an empty one of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';

export interface TestDatabase {
  /** As DATABASE_URL takes it. */
  url: string;
  drop: () => Promise<void>;
}

/** SQLite always; MySQL or MariaDB where the run has one (see global-setup.ts). */
export const databaseKinds: readonly ('sqlite' | 'mysql')[] =
  process.env['TEST_DATABASE_URL'] === undefined ? ['sqlite'] : ['sqlite', 'mysql'];

export async function createTestDatabase(kind: 'sqlite' | 'mysql'): Promise<TestDatabase> {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(path.join(tmpdir(), 'collect-sqlite-'));
    return {
      url: `sqlite:${path.join(folder, 'collect.sqlite')}`,
      drop: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    };
  }
  const server = new URL(process.env['TEST_DATABASE_URL'] ?? '');
  server.pathname = '/';
  const name = `collect_${randomUUID().replaceAll('-', '')}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(server, `drop database ${name}`) };
}

async function run(server: URL, statement: string): Promise<void> {
  const connection = await createConnection(server.href);
  await connection.query(statement);
  await connection.end();
}

/** `describe` for what only MySQL and MariaDB have; left out, as global-setup.ts says, where the run has neither. */
export const describeOnMysql = databaseKinds.includes('mysql') ? describe : describe.skip;
