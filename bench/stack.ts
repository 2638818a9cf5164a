/** A local stack for one benchmark, on a database of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../local/host.ts';
import { startStack, tokensOf } from '../local/stack.ts';
import { createConnection } from 'mysql2/promise';
import { startPrivateServer, type PrivateServer, type ServerKind } from '../tests/support/private-server.ts';

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
  database: 'sqlite' | { server: ServerKind | undefined },
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
export async function startBenchServer(kind: ServerKind | undefined): Promise<PrivateServer | undefined> {
  const server = await startPrivateServer(kind, ['--innodb-buffer-pool-size=2G']);
  if (server === undefined) console.log(`\nSkipped: no ${kind ?? 'mysql or mariadb'} server is installed.`);
  return server;
}
