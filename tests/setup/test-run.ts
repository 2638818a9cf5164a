/** The temporary folder and the private database servers that the projects of one jest run share. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { SERVER_KINDS, startPrivateServer, type PrivateServer, type ServerKind } from '../support/private-server.ts';

/** Options that trade durability for speed. Tables share one file, because each test creates all of them. */
const FAST = [
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-doublewrite=0',
  '--innodb-flush-method=nosync',
  '--innodb-file-per-table=0',
  '--skip-log-bin',
];

declare global {
  var testServers: PrivateServer[] | undefined;
}

/** The folder of this run. Test processes read its path from COLLECT_TEST_FOLDER. */
export function ensureTestFolder(): string {
  const folder = (process.env['COLLECT_TEST_FOLDER'] ??= mkdtempSync(path.join(tmpdir(), 'collect-test-')));
  // Processes that tests start share compiled modules, which halves the CPU time of their starts.
  process.env['NODE_COMPILE_CACHE'] ??= path.join(folder, 'compiled');
  return folder;
}

/**
 * Starts the installed servers that do not run yet; TEST_DATABASE_URL replaces all of them. Test processes read their
 * URLs, by kind, from COLLECT_TEST_SERVERS.
 */
export async function ensureServers(kinds: readonly ServerKind[] = SERVER_KINDS): Promise<void> {
  const urls = runningServers();
  const { TEST_DATABASE_URL: given } = process.env;
  if (given !== undefined) urls[await kindOf(given)] = given;
  else {
    const missing = kinds.filter((kind) => urls[kind] === undefined);
    const started = await Promise.all(missing.map((kind) => startPrivateServer(kind, FAST)));
    for (const server of started) {
      if (server === undefined) continue;
      urls[server.kind] = server.url;
      (globalThis.testServers ??= []).push(server);
      console.log(`\nTests run on a private ${server.version}.`);
    }
  }
  for (const kind of kinds)
    if (urls[kind] === undefined) console.log(`\nTests do NOT run on ${kind}: no such server is installed.`);
  process.env['COLLECT_TEST_SERVERS'] = JSON.stringify(urls);
}

export async function endTestRun(): Promise<void> {
  await Promise.all((globalThis.testServers ?? []).map((server) => server.stop()));
  rmSync(ensureTestFolder(), { recursive: true, force: true });
}

function runningServers(): Partial<Record<ServerKind, string>> {
  return JSON.parse(process.env['COLLECT_TEST_SERVERS'] ?? '{}');
}

async function kindOf(url: string): Promise<ServerKind> {
  const connection = await createConnection(url);
  const [rows] = await connection.query('select version() as version');
  await connection.end();
  const kind = JSON.stringify(rows).includes('MariaDB') ? 'mariadb' : 'mysql';
  console.log(`\nTests run on the ${kind} server of TEST_DATABASE_URL and on no other server.`);
  return kind;
}
