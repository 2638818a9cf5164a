/** The databases and the local stacks of benchmarks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { createConnection } from 'mysql2/promise';
import type { DbProxy } from '../collect-lambdas/shared/db-proxy-client.ts';
import type { Database } from '../db-proxy-lambda/database/database.ts';
import { migrate } from '../db-proxy-lambda/database/migrate.ts';
import { openDatabase } from '../db-proxy-lambda/database/open-database.ts';
import { createHandler } from '../db-proxy-lambda/handler.ts';
import type { Host } from '../local/host.ts';
import { dbProxyBehind } from '../local/local-aws.ts';
import { startStack, tokensOf } from '../local/stack.ts';
import { startPrivateServer, type ServerKind } from '../tests/support/private-server.ts';

/** SQLite, or a database server: `server`, or by default the first one installed. */
export type BenchDatabase = 'sqlite' | { server: ServerKind | undefined };

export interface OpenBenchDatabase {
  url: string;
  /** `SQLite` or `MySQL 9.7.4`. */
  program: string;
  /** A temporary folder. */
  folder: string;
}

export interface BenchStack {
  host: Host;
  databaseUrl: string;
  /** A manager's token. */
  token: string;
  program: string;
}

/** The buffer pool is large enough for all data of a benchmark. */
const SERVER_OPTIONS = ['--innodb-buffer-pool-size=2G'];

/**
 * Runs a benchmark on an empty database.
 *
 * @returns false if the server is not installed, after printing a note
 */
export async function withDatabase(
  database: BenchDatabase,
  work: (open: OpenBenchDatabase) => Promise<void>,
): Promise<boolean> {
  const server = database === 'sqlite' ? undefined : await startPrivateServer(database.server, SERVER_OPTIONS);
  if (database !== 'sqlite' && server === undefined) {
    console.log(`\nSkipped: no ${database.server ?? 'mysql or mariadb'} server is installed.`);
    return false;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'collect-bench-'));
  try {
    if (server !== undefined) {
      const connection = await createConnection(server.url);
      await connection.query('create database bench');
      await connection.end();
    }
    const url = server === undefined ? `sqlite:${path.join(folder, 'bench.sqlite')}` : `${server.url}bench`;
    await work({ url, program: server?.version ?? 'SQLite', folder });
  } finally {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return true;
}

/** The proxy's code in this process, on an empty database. */
export interface BenchProxy extends OpenBenchDatabase {
  database: Database;
  /** Calls the proxy without the network, but converts its payloads to JSON as Lambda does. */
  dbProxy: DbProxy;
  logger: Logger;
}

/** Runs a benchmark on SQLite and then on a server, each with a proxy of its own. */
export async function withProxies(
  server: ServerKind | undefined,
  work: (proxy: BenchProxy) => Promise<void>,
): Promise<void> {
  for (const kind of ['sqlite', { server }] satisfies BenchDatabase[]) {
    await withDatabase(kind, async (open) => {
      const database = openDatabase(open.url);
      try {
        await migrate(database);
        const logger = new Logger({ serviceName: 'bench' });
        const dependencies = { connection: () => database, database: () => Promise.resolve(database), logger };
        const handle = createHandler(dependencies);
        const dbProxy = dbProxyBehind(async (request) => JSON.stringify(await handle(JSON.parse(request))));
        await work({ ...open, database, dbProxy, logger });
      } finally {
        await database.close();
      }
    });
  }
}

/**
 * Runs a benchmark on a local stack with an empty database, as `withStackOn` does.
 *
 * @returns false if the server is not installed, after printing a note
 */
export const withStack = (database: BenchDatabase, work: (stack: BenchStack) => Promise<void>): Promise<boolean> =>
  withDatabase(database, (open) => withStackOn(open, work));

/**
 * Runs a benchmark on a local stack without schedules and without the publisher, which would compete for the CPU. Saves
 * still send messages to the publisher's queue.
 */
export async function withStackOn(
  { url: databaseUrl, program, folder }: OpenBenchDatabase,
  work: (stack: BenchStack) => Promise<void>,
): Promise<void> {
  const stack = await startStack({
    templateFile: 'template.yaml',
    home: folder,
    port: 0,
    databaseUrl,
    runsSchedules: false,
    idleFunctions: ['collect-PublishFunction'],
  });
  try {
    const { host } = stack;
    const health = await fetch(`${host.url}/health`);
    if (!health.ok) throw new Error(`The stack is not ready: ${await health.text()}`);
    await work({ host, databaseUrl, token: tokensOf(stack).manager, program });
  } finally {
    await stack.stop();
  }
}
