/** A MySQL or MariaDB server of the tests' own: its data in a temporary folder, on a free port of the loopback. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { StartError } from '../../local/start-error.ts';
import { portOf } from './port-of.ts';

/** MariaDB's server and MySQL's. */
export const SERVER_PROGRAMS = ['mariadbd', 'mysqld'] as const;
export type ServerProgram = (typeof SERVER_PROGRAMS)[number];

/**
 * What `--server` asks for.
 *
 * @throws {StartError} where it names no server program
 */
export function readServerProgram(value: string | undefined): ServerProgram | undefined {
  const program = SERVER_PROGRAMS.find((each) => each === value);
  if (value !== undefined && program === undefined) {
    throw new StartError(`There is no server ${value}; --server takes ${SERVER_PROGRAMS.join(' or ')}.`);
  }
  return program;
}

export interface PrivateMysql {
  /** `mysql://root@127.0.0.1:PORT/`; whoever uses it makes databases of their own. */
  url: string;
  program: ServerProgram;
  /** What the server says of itself: `mysqld 9.7.4`. */
  version: string;
  port: number;
  /** Stops the server and removes its data. */
  stop: () => Promise<void>;
  /** Ends the server at once, as a crash would. */
  kill: () => Promise<void>;
  /** Starts it again on the same data and port. */
  restart: () => Promise<void>;
}

/** Where Debian puts servers, which is not on everybody's PATH. */
const FOLDERS = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];
const START_TRIES = 300;

const run = promisify(execFile);

function findPrograms(name: string): string[] {
  return FOLDERS.map((folder) => path.join(folder, name)).filter((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian's MariaDB package has a `mysqld` too, a link to `mariadbd`. */
function isMysql(file: string): boolean {
  return !execFileSync(file, ['--version'], { encoding: 'utf8' }).includes('MariaDB');
}

function findServer(program: ServerProgram): string | undefined {
  const installed = findPrograms(program);
  return program === 'mysqld' ? installed.find(isMysql) : installed[0];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a server, or answers undefined where its program is not installed.
 *
 * @param program the first that is installed, unless given
 * @param options further options for the server program
 */
export async function startPrivateMysql(
  program: ServerProgram | undefined,
  options: string[] = [],
): Promise<PrivateMysql | undefined> {
  if (program === undefined) {
    return (await startPrivateMysql('mariadbd', options)) ?? startPrivateMysql('mysqld', options);
  }
  const file = findServer(program);
  if (file === undefined) return undefined;
  const home = mkdtempSync(path.join(tmpdir(), 'collect-mysql-'));
  const data = path.join(home, 'data');
  await initialise(program, file, data);
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/`;
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(file, [
      '--no-defaults',
      `--datadir=${data}`,
      // A server that starts clears the temporary tables in its folder, those of its neighbours too.
      `--tmpdir=${home}`,
      `--socket=${path.join(home, 'socket')}`,
      `--pid-file=${path.join(home, 'pid')}`,
      `--log-error=${path.join(home, 'error.log')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      ...(process.getuid?.() === 0 ? ['--user=root'] : []),
      ...options,
    ]);
    await untilReady(child, url);
    return child;
  };
  let child = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    url,
    program,
    version: `${program} ${await versionOf(url)}`,
    port,
    stop: async () => {
      await end('SIGTERM');
      rmSync(home, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    restart: async () => {
      child = await start();
    },
  };
}

async function initialise(program: ServerProgram, file: string, data: string): Promise<void> {
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  if (program === 'mysqld') {
    await run(file, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`, ...asRoot]);
    return;
  }
  const [installer = 'mariadb-install-db'] = findPrograms('mariadb-install-db');
  await run(installer, ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', ...asRoot]);
}

/** `10.11.19` or `9.7.4`: what comes before the distribution's own. */
async function versionOf(url: string): Promise<string> {
  const connection = await createConnection(url);
  const [rows] = await connection.query('select version() as version');
  await connection.end();
  return /[\d.]+/.exec(JSON.stringify(rows))?.[0] ?? '';
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    if (child.exitCode !== null) throw new Error(`The database server ended with ${child.exitCode} while starting.`);
    try {
      const connection = await createConnection(url);
      await connection.end();
      return;
    } catch {
      await wait(100);
    }
  }
  child.kill('SIGKILL');
  throw new Error('The database server did not start within 30 seconds.');
}
