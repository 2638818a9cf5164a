import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTestDatabase, describeOnServers } from '../tests/support/databases.ts';
import { eventually, fixtureFolder, functionResource, isRunning } from '../tests/support/fixture.ts';
import type { FixtureFolder } from '../tests/support/fixture.ts';
import { checkDatabase } from './database-check.ts';
import { readStartOptions } from './start-options.ts';
import { explain, UserError } from './user-error.ts';

const HEALTH = `
export const handler = async () => {
  console.log('process', process.pid, 'of', process.ppid);
  return { statusCode: 200, body: process.env.DATABASE_URL };
};`;

const TEMPLATE = JSON.stringify({
  Parameters: {
    DatabaseUrl: { Type: 'String' },
    DefaultSpreadsheetId: { Type: 'String' },
    GoogleSheetsUrl: { Type: 'String' },
    WebhookLoopback: { Type: 'String' },
  },
  Resources: {
    Health: functionResource('health/index.js', {
      Environment: { Variables: { DATABASE_URL: { Ref: 'DatabaseUrl' } } },
      Events: {
        Get: { Type: 'HttpApi', Properties: { Method: 'GET', Path: '/health' } },
        Nightly: { Type: 'Schedule', Properties: { Schedule: 'cron(0 2 * * ? *)' } },
      },
    }),
    Bucket: { Type: 'AWS::S3::Bucket' },
  },
});

let folder: FixtureFolder;
const started: ChildProcess[] = [];

beforeEach(() => {
  folder = fixtureFolder({ 'template.yaml': TEMPLATE, 'health/index.js': HEALTH });
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  }
  folder.remove();
});

interface Run {
  child: ChildProcess;
  output: () => string;
  errors: () => string;
  /** The status with which it ended. */
  ended: Promise<number | null>;
}

type Command = [program: string, ...args: string[]];

const NODE: Command = [process.execPath, 'local/preflight.mjs', 'local/start.ts'];
const { PATH, NODE_COMPILE_CACHE } = process.env;
const NPM: Command = ['npm', 'start', '--silent', '--'];

function start(environment: Record<string, string>, [program, ...args]: Command = NODE): Run {
  const child = spawn(program, [...args, join(folder.path, 'template.yaml')], {
    env: { PATH, NODE_COMPILE_CACHE, PORT: '0', COLLECT_HOME: join(folder.path, 'home'), ...environment },
  });
  started.push(child);
  const text = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.errors += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output: () => text.output, errors: () => text.errors, ended };
}

async function startReady(
  environment: Record<string, string> = {},
  command: Command = NODE,
): Promise<Run & { url: string }> {
  const run = start(environment, command);
  const url = await eventually(() => {
    if (run.child.exitCode !== null) throw new Error(run.errors());
    return run.output().includes('Ctrl-C') && /ready at (\S+)/.exec(run.output())?.[1];
  });
  return { ...run, url };
}

/** The error message of a start that fails with status 1. */
async function refusalOf(environment: Record<string, string>, command: Command = NODE): Promise<string> {
  const run = start(environment, command);
  const status = await run.ended;
  if (status !== 1 || run.output() !== '') throw new Error(`It ended with ${status} and printed: ${run.output()}`);
  return run.errors().trim();
}

/** The error message of options that a start refuses before it starts anything. */
async function sentenceOf(environment: Record<string, string>): Promise<string> {
  try {
    const { databaseUrl } = readStartOptions({ COLLECT_HOME: join(folder.path, 'home'), ...environment });
    await checkDatabase(databaseUrl);
  } catch (error) {
    if (error instanceof UserError) return explain(error);
    throw error;
  }
  throw new Error('The options are not refused.');
}

/** The processes of the stack: the host, and the environment that replied to `GET /health`. */
function processes(): { host: number; environment: number } {
  const log = readFileSync(join(folder.path, 'home', 'logs', 'collect-Health.log'), 'utf8');
  const [, environment, host] = /process (\d+) of (\d+)/.exec(log) ?? [];
  return { host: Number(host), environment: Number(environment) };
}

test.each(['SIGINT', 'SIGHUP'] as const)('npm start serves the application, and %s ends everything', async (signal) => {
  const { child, output, errors, ended, url } = await startReady();

  const file = join(folder.path, 'home', 'collect.sqlite');
  const response = await fetch(`${url}/health`);
  expect(await response.text()).toBe(`sqlite:${file}`);
  expect(output().trim().split('\n')).toEqual([
    'Health: the schedule Nightly (cron(0 2 * * ? *)) does not run locally; rate(...) does.',
    `Collect is ready at ${url}`,
    `  database  SQLite, ${file}`,
    expect.stringMatching(/^ {2}sheets {4}http:/),
    `  logs      ${join(folder.path, 'home', 'logs')}`,
    'Ctrl-C stops it.',
  ]);

  child.kill(signal);

  expect(await ended).toBe(0);
  expect(errors()).toBe('');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('SIGTERM to npm alone, as a container sends it, ends first the stack and then npm', async () => {
  const { child, ended, url } = await startReady({}, NPM);
  const { host, environment } = processes();

  child.kill('SIGTERM');

  expect(await ended).toBe(0);
  expect([host, environment].filter(isRunning)).toEqual([]);
  await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a stack whose npm was killed stops and keeps its data', async () => {
  const { child, ended } = await startReady({}, NPM);
  const { host, environment } = processes();

  child.kill('SIGKILL');
  await ended;

  expect(await eventually(() => ![host, environment].some(isRunning))).toBe(true);
  expect(existsSync(join(folder.path, 'home', 'stack.json'))).toBe(false);
});

/** Raw, because fetch sets these headers itself. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', reject).end();
  });
}

test('the emulators of AWS and Google refuse pages in a browser and serve programs', async () => {
  const { output } = await startReady();
  const sheets = /sheets +(\S+)/.exec(output())?.[1] ?? '';
  const { lambda, services } = JSON.parse(readFileSync(join(folder.path, 'home', 'stack.json'), 'utf8'));
  const addresses = [`${lambda}/2015-03-31/functions/collect-Health/invocations`, services, `${sheets}/token`];
  const { host } = new URL(lambda);

  const asked = (headers: Record<string, string>) => Promise.all(addresses.map((url) => statusOf(url, headers)));

  expect(await asked({ origin: 'http://example.org' })).toEqual([403, 403, 403]);
  expect(await asked({ origin: 'http://localhost:8080' })).toEqual([403, 403, 403]);
  expect(await asked({ origin: 'null' })).toEqual([403, 403, 403]);
  expect(await asked({ host: `rebound.example.org:${new URL(lambda).port}` })).toEqual([403, 403, 403]);
  expect(await asked({ host })).not.toContain(403);
  expect(await asked({ host: 'localhost:4000', origin: 'http://localhost:4000' })).not.toContain(403);
});

describe('a second start on the same home', () => {
  test('names the running stack, and says what to do', async () => {
    const { child, ended, url } = await startReady();

    expect(await refusalOf({})).toBe(
      `Another stack uses the folder ${join(folder.path, 'home')} (process ${child.pid}, ${url}): stop it, or set COLLECT_HOME to another folder.`,
    );

    expect((await fetch(`${url}/health`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  test('succeeds after the first stack was killed, and the killed stack’s functions have ended', async () => {
    const first = await startReady();
    const { environment } = processes();
    expect(isRunning(environment)).toBe(true);
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await startReady();

    expect((await fetch(`${second.url}/health`)).status).toBe(200);
    expect(await eventually(() => !isRunning(environment))).toBe(true);
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });
});

describe('npm start refuses in one sentence', () => {
  test.each(['abc', '-1', '65536', '80.5'])('a PORT of %s', async (port) => {
    expect(await sentenceOf({ PORT: port })).toBe(`PORT must be a number from 0 to 65535, not "${port}".`);
  });

  test.each(['two words', 'Größe', 'a'.repeat(600)])('a token of %j, without printing it', async (token) => {
    expect(await sentenceOf({ COLLECT_COLLECTOR_TOKEN: token })).toBe(
      'COLLECT_COLLECTOR_TOKEN cannot be a token: use at most 512 letters, digits and - . _ ~ + / only.',
    );
  });

  test('a port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    expect(await refusalOf({ PORT: String(port) })).toBe(
      `Port ${port} is in use: choose another one, such as PORT=${port + 1} npm start.`,
    );
    server.close();
  });

  test('a home that cannot be written', async () => {
    const file = folder.write('a-file', '');
    expect(await refusalOf({ COLLECT_HOME: join(file, 'home') })).toBe(
      `The folder ${join(file, 'home')} cannot be written (ENOTDIR): set COLLECT_HOME to a folder that can be written.`,
    );
  });

  const DATABASE_URL = /^DATABASE_URL must be mysql:.* or sqlite:FILE\.$/;
  test.each([
    ['postgres://user:secret@localhost/collect', DATABASE_URL],
    ['mysql://user:secret@localhost', DATABASE_URL],
    ['mysql://user:secret@127.0.0.1/collect?ssl=secret', /^DATABASE_URL takes the parameters ssl-mode and ssl-ca/],
  ])('a DATABASE_URL of %s, without printing its password', async (url, sentence) => {
    const refusal = await sentenceOf({ DATABASE_URL: url });
    expect(refusal).toMatch(sentence);
    expect(refusal).not.toMatch(/\n|secret/);
  });

  test.each([
    ['mysql://user:secret@127.0.0.1:1/collect', /^No database answers at 127\.0\.0\.1:1: start it, or correct/],
    ['mysql://user:secret@nowhere.invalid/collect', /^The database's host nowhere\.invalid is unknown/],
    ['sqlite:/nowhere/collect.sqlite', /^The database file \/nowhere\/collect\.sqlite cannot be used/],
    ['sqlite:package.json', /^The database file \S+\/package\.json cannot be used \(file is not a database\)/],
  ])('the database %s, without printing its password', async (url, sentence) => {
    const refusal = await refusalOf({ DATABASE_URL: url });
    expect(refusal).toMatch(sentence);
    expect(refusal).not.toMatch(/\n|secret/);
  });

  test('a template without the parameters of npm start', async () => {
    const file = folder.write('template.yaml', '{ Resources: { Health: { Type: AWS::Serverless::Function } } }');
    expect(await refusalOf({})).toBe(`${file}: the template has no parameter DatabaseUrl`);
  });

  test('an application without GET /health', async () => {
    folder.write('template.yaml', TEMPLATE.replace('/health', '/other'));
    expect(await refusalOf({})).toBe(
      `GET /health replies 404 ({"message":"Not Found"}): look into ${join(folder.path, 'home', 'logs')}.`,
    );
  });

  test('code that cannot be bundled', async () => {
    folder.write('health/index.js', 'import "./nothing.ts";');
    expect(await refusalOf({})).toMatch(/^Health: cannot be bundled: .*Could not resolve ".\/nothing.ts"/s);
  });

  test('an old Node.js', async () => {
    const versions = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } })`;
    const [node, ...args] = NODE;
    const command: Command = [node, '--import', `data:text/javascript,${encodeURIComponent(versions)}`, ...args];
    const refusal = await refusalOf({}, command);
    expect(refusal).toMatch(/^Collect needs Node\.js 24, but runs on 20\.1\.0\. .*npm ci --ignore-scripts=false/);
  });
});

describeOnServers('npm start with a database server', (kind) => {
  test('serves the application, and prints the database’s address without the password', async () => {
    const database = await createTestDatabase(kind);
    const { child, output, ended, url } = await startReady({ DATABASE_URL: database.url });
    const { hostname, port, pathname } = new URL(database.url);

    expect(await (await fetch(`${url}/health`)).text()).toBe(database.url);
    expect(output()).toContain(`  database  MySQL, ${pathname.slice(1)} at ${hostname}:${port || 3306}\n`);

    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await database.drop();
  });

  test('refuses a database that does not exist and a user without access', async () => {
    const database = await createTestDatabase(kind);
    const unknown = new URL(database.url);
    unknown.pathname = '/collect_nowhere';
    expect(await refusalOf({ DATABASE_URL: unknown.href })).toMatch(
      /^There is no database collect_nowhere at \S+: create/,
    );

    const stranger = new URL(database.url);
    stranger.username = 'stranger';
    stranger.password = 'secret';
    expect(await refusalOf({ DATABASE_URL: stranger.href })).toMatch(
      /^The database at \S+ refuses the user stranger: /,
    );
    await database.drop();
  });
});
