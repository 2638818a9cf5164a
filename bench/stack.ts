/** A local stack for one benchmark, on a database of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../local/host.ts';
import { startStack, tokensOf } from '../local/stack.ts';
import { createConnection } from 'mysql2/promise';
import { startPrivateMysql } from '../tests/support/private-mysql.ts';

export interface BenchStack {
  host: Host;
  databaseUrl: string;
  /** A manager's. */
  token: string;
  program: string;
  stop: () => Promise<void>;
}

/**
 * Starts a stack; answers undefined, and says so, where the database is not installed.
 *
 * @param options.runsSchedules false leaves what was stored unpublished too, which two cores would do beside the measured
 * work; the save's trigger is sent all the same
 */
export async function setup(
  kind: 'sqlite' | 'mysql',
  { runsSchedules = true }: { runsSchedules?: boolean } = {},
): Promise<BenchStack | undefined> {
  const home = mkdtempSync(path.join(tmpdir(), 'collect-bench-'));
  const server = kind === 'mysql' ? await startPrivateMysql(['--innodb-buffer-pool-size=2G']) : undefined;
  if (kind === 'mysql' && server === undefined) {
    console.log('\nSkipped: no mariadbd or mysqld is on PATH.');
    return undefined;
  }
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
    program: server?.program ?? 'SQLite',
    stop: async () => {
      await stack.stop();
      await server?.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
