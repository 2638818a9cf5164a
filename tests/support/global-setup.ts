/** Starts, for the whole test run, what the suites need. Runs outside of jest's module registry. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { ServerKind } from './databases.ts';
import { startPrivateMysql, type PrivateMysql } from './private-mysql.ts';

/** The data of a test run need not outlive a power cut. */
const FAST = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--skip-log-bin'];

/**
 * The functions run with the layer that is in the repository now.
 *
 * Every suite over a database runs on SQLite. It runs on MySQL and MariaDB too, where their programs are installed, or
 * on the one server that TEST_DATABASE_URL names; what there is, and what there is not, is said plainly.
 */
export default async function globalSetup(): Promise<void> {
  execFileSync(process.execPath, ['tracing/build.mjs'], { stdio: 'inherit' });
  process.env['COLLECT_TEST_TEMPLATES'] = mkdtempSync(path.join(tmpdir(), 'collect-templates-'));
  const given = process.env['TEST_DATABASE_URL'];
  const servers = given === undefined ? await startServers() : { [await kindOf(given)]: given };
  process.env['COLLECT_TEST_SERVERS'] = JSON.stringify(servers);
}

async function startServers(): Promise<Partial<Record<ServerKind, string>>> {
  const [mysql, mariadb] = await Promise.all([startPrivateMysql('mysqld', FAST), startPrivateMysql('mariadbd', FAST)]);
  const started = [mysql, mariadb].filter((server) => server !== undefined);
  globalThis.testServers = started;
  const names = ['SQLite', ...started.map(({ version }) => `a private ${version}`)];
  console.log(`\nDatabase suites run on ${names.join(', ')}.`);
  if (mysql === undefined) console.log('NOT on MySQL: no mysqld is on PATH, and TEST_DATABASE_URL is not set.');
  if (mariadb === undefined) console.log('NOT on MariaDB: no mariadbd is on PATH, and TEST_DATABASE_URL is not set.');
  return { ...(mysql && { mysql: mysql.url }), ...(mariadb && { mariadb: mariadb.url }) };
}

async function kindOf(url: string): Promise<ServerKind> {
  const connection = await createConnection(url);
  const [rows] = await connection.query('select version() as version');
  await connection.end();
  const kind = JSON.stringify(rows).includes('MariaDB') ? 'mariadb' : 'mysql';
  console.log(`\nDatabase suites run on SQLite and on the ${kind} server of TEST_DATABASE_URL, and on no other.`);
  return kind;
}

declare global {
  var testServers: PrivateMysql[] | undefined;
}
