/** A local stack for one benchmark, on a database of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../local/host.ts';
import { startStack, tokensOf } from '../local/stack.ts';
import { createConnection } from 'mysql2/promise';
import { startPrivateMysql, type PrivateMysql, type ServerProgram } from '../tests/support/private-mysql.ts';

export interface BenchStack {
  host: Host;
  databaseUrl: string;
  /** A manager's. */
  token: string;
  program: string;
  stop: () => Promise<void>;
}

/**
 * Starts a stack; answers undefined, and says so, where the server is not installed.
 *
 * @param database SQLite, or the server that was asked for: the first that is installed, unless named
 * @param options.runsSchedules false leaves what was stored unpublished too, which two cores would do beside the measured
 * work; the save's trigger is sent all the same
 */
export async function setup(
  database: 'sqlite' | { server: ServerProgram | undefined },
  { runsSchedules = true }: { runsSchedules?: boolean } = {},
): Promise<BenchStack | undefined> {
  const home = mkdtempSync(path.join(tmpdir(), 'collect-bench-'));
  const server = database === 'sqlite' ? undefined : await startBenchServer(database.server);
  if (database !== 'sqlite' && server === undefined) return undefined;
  const databaseUrl = server === undefined ? `sqlite:${path.join(home, 'collect.sqlite')}` : `${server.url}bench`;
  if (server !== undefined) {
    const connection = await createConnection(server.url);
    await connection.query('create database bench');
    await connection.end();
  }
  const stack = await startStack({
    templateFile: 'template.yaml',
    home,
    port: 0,
    databaseUrl,
    runsSchedules,
    idleFunctions: runsSchedules ? [] : ['collect-PublishFunction'],
  });
  const { host } = stack;
  const health = await fetch(`${host.url}/health`);
  if (!health.ok) throw new Error(`The stack is not ready: ${await health.text()}`);
  return {
    host,
    databaseUrl,
    token: tokensOf(stack).manager,
    program: server?.version ?? 'SQLite',
    stop: async () => {
      await stack.stop();
      await server?.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Starts the server, with a buffer pool that holds all that a benchmark stores; says so where it is not installed. */
export async function startBenchServer(program: ServerProgram | undefined): Promise<PrivateMysql | undefined> {
  const server = await startPrivateMysql(program, ['--innodb-buffer-pool-size=2G']);
  if (server === undefined) console.log(`\nSkipped: no ${program ?? 'mariadbd or mysqld'} is installed.`);
  return server;
}
