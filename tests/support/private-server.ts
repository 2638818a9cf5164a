/** A private MySQL or MariaDB server, with its data in a temporary folder and a free port on the loopback. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { UserError } from '../../local/user-error.ts';
import { portOf } from './port-of.ts';

/** The first kind is the one that deployments use. */
export const SERVER_KINDS = ['mysql', 'mariadb'] as const;
export type ServerKind = (typeof SERVER_KINDS)[number];

const PROGRAMS: Record<ServerKind, string> = { mysql: 'mysqld', mariadb: 'mariadbd' };
const NAMES: Record<ServerKind, string> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/**
 * Reads the value of `--server` or STACK_DATABASE.
 *
 * @throws {UserError} when it names no kind of server
 */
export function readServerKind(value: string): ServerKind {
  const kind = SERVER_KINDS.find((each) => each === value);
  if (kind === undefined) throw new UserError(`Unknown server ${value}: use ${SERVER_KINDS.join(' or ')}.`);
  return kind;
}

export interface PrivateServer {
  /** `mysql://root@127.0.0.1:PORT/`, without a database's name. */
  url: string;
  kind: ServerKind;
  /** `MySQL 9.7.4`. */
  version: string;
  port: number;
  /** Stops the server and removes its data. */
  stop: () => Promise<void>;
  /** Kills the server, as a crash would. */
  kill: () => Promise<void>;
  /** Starts a killed server again, with the same data and port. */
  restart: () => Promise<void>;
}

/** Debian installs servers in /usr/sbin, which a user's PATH often lacks. */
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

/** False for the `mysqld` of Debian's MariaDB package, which is a link to `mariadbd`. */
function isMysql(file: string): boolean {
  return !execFileSync(file, ['--version'], { encoding: 'utf8' }).includes('MariaDB');
}

function findServer(kind: ServerKind): string | undefined {
  const installed = findPrograms(PROGRAMS[kind]);
  return kind === 'mysql' ? installed.find(isMysql) : installed[0];
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
 * Starts a server; returns undefined when its program is not installed.
 *
 * @param kind by default MariaDB if it is installed, otherwise MySQL
 * @param options further options for the server program
 */
export async function startPrivateServer(
  kind: ServerKind | undefined,
  options: string[] = [],
): Promise<PrivateServer | undefined> {
  if (kind === undefined) {
    return (await startPrivateServer('mariadb', options)) ?? startPrivateServer('mysql', options);
  }
  const file = findServer(kind);
  if (file === undefined) return undefined;
  // Also the server's folder of temporary tables: a starting server deletes those, so servers must not share the folder.
  const home = mkdtempSync(path.join(tmpdir(), 'collect-mysql-'));
  const data = path.join(home, 'data');
  await initialise(kind, file, home);
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/`;
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(file, [
      '--no-defaults',
      `--datadir=${data}`,
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
    kind,
    version: `${NAMES[kind]} ${await versionOf(url)}`,
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

/** The empty tables of a new server need not survive a crash of the machine. */
const UNSAFE = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--innodb-flush-method=nosync'];

/** @param home gets the folder `data` */
async function initialise(kind: ServerKind, file: string, home: string): Promise<void> {
  const options = [
    '--no-defaults',
    `--datadir=${path.join(home, 'data')}`,
    `--tmpdir=${home}`,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
  if (kind === 'mysql') {
    await run(file, [...options, '--initialize-insecure', ...UNSAFE]);
    return;
  }
  const [installer = 'mariadb-install-db'] = findPrograms('mariadb-install-db');
  await run(installer, [...options, '--auth-root-authentication-method=normal']);
}

/** `10.11.19` or `9.7.4`: the version without the distribution's suffix. */
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
