/** A MySQL or MariaDB server of the tests' own: its data in a temporary folder, on a free port of the loopback. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { portOf } from './port-of.ts';

export interface PrivateMysql {
  /** `mysql://root@127.0.0.1:PORT/`; whoever uses it makes databases of their own. */
  url: string;
  program: string;
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

function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => path.join(folder, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
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
 * Starts a server, or answers undefined where no server program is installed.
 *
 * @param options further options for the server program
 */
export async function startPrivateMysql(options: string[] = []): Promise<PrivateMysql | undefined> {
  const mariadbd = findProgram('mariadbd');
  const program = mariadbd ?? findProgram('mysqld');
  if (program === undefined) return undefined;
  const home = mkdtempSync(path.join(tmpdir(), 'collect-mysql-'));
  const data = path.join(home, 'data');
  initialise(program, mariadbd === undefined ? undefined : findProgram('mariadb-install-db'), data);
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/`;
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(program, [
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
    program: path.basename(program),
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

function initialise(program: string, installer: string | undefined, data: string): void {
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  if (installer === undefined) {
    execFileSync(program, ['--no-defaults', '--initialize-insecure', `--datadir=${data}`, ...asRoot], {
      stdio: 'ignore',
    });
    return;
  }
  const options = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', ...asRoot];
  execFileSync(installer, options, { stdio: 'ignore' });
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
