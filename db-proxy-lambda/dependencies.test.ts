/** Requests during cold starts and during failures of the database. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import {
  createTestDatabase,
  everyDatabaseKind,
  describeOnServers,
  type TestDatabase,
} from '../tests/support/databases.ts';
import { InProcessProxy } from '../tests/support/in-process-proxy.ts';
import { startPasswordServer } from '../tests/support/password-server.ts';
import { portOf } from '../tests/support/port-of.ts';
import { startPrivateServer, type PrivateServer } from '../tests/support/private-server.ts';
import { RecordingLogger } from '../tests/support/recording-logger.ts';
import { incoming } from '../tests/support/responses.ts';
import { createDependencies, prepare } from './dependencies.ts';
import { newestMigration } from './database/migrate.ts';
import { openMysql } from './database/mysql.ts';
import { createHandler } from './handler.ts';

/** A proxy after a cold start, before its first connection to the database. */
function coldStart(url: string) {
  const logger = new RecordingLogger();
  const dependencies = { ...createDependencies({ DATABASE_URL: url }), logger };
  const handler = createHandler(dependencies);
  return {
    ask: (operation: string, input: unknown = {}) => handler({ operation, input }),
    save: () => handler({ operation: 'saveResponses', input: { responses: [incoming()] } }),
    close: async () => (await dependencies.database()).close(),
    logger,
  };
}

const unavailable = { ok: false, error: { code: 'DATABASE_UNAVAILABLE', message: expect.any(String) } };
const saved = { ok: true, result: { results: [{ outcome: 'created', revision: 1 }] } };

describe('a DATABASE_URL that names no database', () => {
  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is of another kind', 'postgres://root:hunter2@db.example.org/collect'],
    ['names no schema', 'mysql://root:hunter2@db.example.org:3306'],
    ['is not a URL', 'root:hunter2 at db.example.org'],
  ])('stops the cold start if it %s, and the error does not contain the URL', (_what, url) => {
    const start = () => createDependencies(url === undefined ? {} : { DATABASE_URL: url });

    expect(start).toThrow('DATABASE_URL must be mysql://user:password@host:port/name or sqlite:FILE.');
    expect(start).not.toThrow('hunter2');
  });
});

describe('a SQLite file that cannot be used', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'collect-start-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is unavailable while its folder is missing, and is created at the first request after the folder exists', async () => {
    const proxy = coldStart(`sqlite:${path.join(folder, 'data', 'collect.sqlite')}`);

    const before = await proxy.save();
    mkdirSync(path.join(folder, 'data'));
    const after = await proxy.save();
    await proxy.close();

    expect(before).toEqual(unavailable);
    expect(after).toEqual(saved);
    expect(proxy.logger.text).not.toContain(folder);
  });

  test('is unavailable when it is a folder', async () => {
    const proxy = coldStart(`sqlite:${folder}`);

    expect(await proxy.ask('ping')).toEqual(unavailable);
  });

  test('is unavailable when it is not a database, and stays unchanged', async () => {
    const file = path.join(folder, 'notes.txt');
    const notes = 'These are notes, and no database. '.repeat(100);
    writeFileSync(file, notes);
    const proxy = coldStart(`sqlite:${file}`);

    expect(await proxy.ask('ping')).toEqual(unavailable);
  });
});

test("RDS Proxy's error 9501, which the driver does not name, means unavailable, and its number is logged", async () => {
  const message = 'Timed-out waiting to acquire database connection';
  const server = await startPasswordServer({ asksPassword: false, error: { errno: 9501, message } });
  const proxy = coldStart(`mysql://collect@localhost:${server.port}/collect`);

  const reply = await proxy.ask('ping');
  await server.stop();

  expect(reply).toEqual(unavailable);
  expect(JSON.parse(proxy.logger.text)).toMatchObject({ code: 'DATABASE_UNAVAILABLE', driverErrno: 9501 });
});

describeOnServers('a server that cannot be used', (kind) => {
  test('is unavailable when nothing listens on its port', async () => {
    const proxy = coldStart('mysql://root:hunter2@127.0.0.1:1/collect');

    const reply = await proxy.save();

    expect(reply).toEqual(unavailable);
    expect(JSON.stringify([reply, proxy.logger.text])).not.toContain('hunter2');
  });

  test('is unavailable when its name is unknown', async () => {
    const proxy = coldStart('mysql://root@database.invalid/collect');

    expect(await proxy.ask('ping')).toEqual(unavailable);
  });

  test('is unavailable when it refuses the password', async () => {
    const database = await createTestDatabase(kind);
    const url = new URL(database.url);
    url.username = 'nobody';
    url.password = 'hunter2';
    const proxy = coldStart(url.href);

    const reply = await proxy.save();
    await database.drop();

    expect(reply).toEqual(unavailable);
    expect(JSON.parse(proxy.logger.text)).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      driverCode: 'ER_ACCESS_DENIED_ERROR',
    });
    expect(JSON.stringify([reply, proxy.logger.text])).not.toMatch(/hunter2|nobody/);
  });

  test('is unavailable while its schema is missing', async () => {
    const database = await createTestDatabase(kind);
    await database.drop();
    const proxy = coldStart(database.url);

    expect(await proxy.ask('ping')).toEqual(unavailable);
  });
});

test('a schema that is not migrated yet is a transient error, so that queued responses do not become dead letters', async () => {
  const proxy = await InProcessProxy.start('sqlite');
  await sql`delete from kysely_migration where name = ${newestMigration()}`.execute(proxy.database.db);

  await expect(prepare(proxy.database, true)).rejects.toMatchObject({ kind: 'DATABASE_UNAVAILABLE' });

  await proxy.stop();
});

const token = {
  token_id: randomUUID(),
  prefix: 'clt_12345678',
  sha256: 'a'.repeat(64),
  role: 'manager',
  user_id: null,
  label: null,
  expires_at: '2999-01-01T00:00:00.000Z',
};
const shown = { prefix: token.prefix, sha256: token.sha256 };

/** Expects that tokens can be checked and rows can be read, although the database accepts no writes. */
async function expectReadsOnly(ask: (operation: string, input?: unknown) => Promise<unknown>): Promise<void> {
  expect(await ask('checkToken', shown)).toMatchObject({
    ok: true,
    result: { outcome: 'valid', token: { token_id: token.token_id } },
  });
  expect(await ask('listResponses', { limit: 10 })).toMatchObject({ ok: true });
  expect(await ask('ping')).toEqual(unavailable);
}

describe.each(everyDatabaseKind)('a database on %s that accepts no writes', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  test('can be read, and fails the ping', async () => {
    const ask = (operation: string, input: unknown = {}) => proxy.invoke({ operation, input });
    await ask('createToken', token);
    expect(await ask('ping')).toEqual({ ok: true, result: { database: proxy.database.kind } });

    const { db } = proxy.database;
    await (kind === 'sqlite' ? sql`pragma query_only = on` : sql`set session transaction read only`).execute(db);

    await expectReadsOnly(ask);
  });
});

describeOnServers('a connection that the server closed while the Lambda execution environment was frozen', (kind) => {
  /** Ends every connection to a database from another thread. The first element of `done` becomes 1 afterwards. */
  const CUTTER = `
    const { createConnection } = require('mysql2/promise');
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', async ({ url, done }) => {
      const server = new URL(url);
      const name = server.pathname.slice(1);
      server.pathname = '/';
      const connection = await createConnection(server.href);
      const [rows] = await connection.query('select id from information_schema.processlist where db = ?', [name]);
      for (const row of rows) await connection.query('kill ?', [row.id ?? row.ID]);
      await connection.end();
      if (rows.length === 0) throw new Error('There was no connection to cut.');
      Atomics.store(done, 0, 1);
      Atomics.notify(done, 0);
    });`;

  /**
   * Ends every connection while this thread can neither run nor read its sockets. Like a frozen execution environment, the
   * thread notices only at its next statement.
   */
  function cutConnections(): void {
    const done = new Int32Array(new SharedArrayBuffer(4));
    cutter.postMessage({ url: proxy.url, done });
    if (Atomics.wait(done, 0, 0, 10_000) === 'timed-out') throw new Error('The connections were not cut.');
  }

  let proxy: InProcessProxy;
  let cutter: Worker;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    cutter = new Worker(CUTTER, { eval: true });
  });
  afterAll(async () => {
    await cutter.terminate();
    await proxy.stop();
  });

  test.each([
    ['ping', {}],
    ['getResponse', { response_id: 'response-1' }],
    ['listResponses', { limit: 10 }],
    ['listRevisions', { response_id: 'response-1', after_revision: 0 }],
    ['listForms', {}],
    ['getForm', { form_id: 'household_finances' }],
    ['putForm', { form_id: 'crops', definition: { title: 'Crops' } }],
    ['saveResponses', { responses: [incoming()] }],
    ['saveResponses', { responses: [incoming(), incoming()] }],
  ])('does not fail the next %s (%#)', async (operation, input) => {
    await Promise.all([1, 2].map(() => proxy.invoke({ operation: 'ping', input: {} })));
    cutConnections();

    const reply = await proxy.invoke({ operation, input });

    expect(reply).toMatchObject({ ok: true });
  });
});

describeOnServers('a new connection', (kind) => {
  let database: TestDatabase;
  let administrator: Connection;
  beforeEach(async () => {
    database = await createTestDatabase(kind);
    administrator = await createConnection(database.url);
  });
  afterEach(async () => {
    await administrator.end();
    await database.drop();
  });

  function open({ idleSeconds, port }: { idleSeconds?: number; port?: number } = {}) {
    const url = new URL(database.url);
    const at = { host: url.hostname, port: port ?? Number(url.port), user: url.username };
    return openMysql({ ...at, database: url.pathname.slice(1), connectionLimit: 1 }, idleSeconds);
  }

  /** A relay to the server that records the statements. */
  async function startRelay() {
    const { hostname, port } = new URL(database.url);
    const sent: string[] = [];
    const relay = createServer((client) => {
      const server = connect(Number(port), hostname);
      client.on('data', (chunk) => sent.push(chunk.toString('latin1')));
      client.on('error', () => server.destroy()).pipe(server);
      server.on('error', () => client.destroy()).pipe(client);
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    return {
      port: portOf(relay),
      statements: () => sent.join('\n').match(/\bset [ -~]*/g) ?? [],
      close: () => relay.close(),
    };
  }

  test('sets no variable that pins a session of RDS Proxy, if the server has the right lock wait timeout', async () => {
    await administrator.query('set global innodb_lock_wait_timeout = 5');
    const relay = await startRelay();
    const { db, close } = open({ port: relay.port });

    const { rows } = await sql`select @@sql_mode as mode, @@innodb_lock_wait_timeout as wait`.execute(db);
    await close();
    relay.close();
    await administrator.query('set global innodb_lock_wait_timeout = default');

    expect(rows).toEqual([{ mode: 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', wait: 5 }]);
    // RDS Proxy tracks the isolation level and sql_mode.
    expect(relay.statements()).toEqual([
      'set session transaction isolation level read committed',
      "set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    ]);
  });

  test('waits five seconds for a lock, even if the server is configured for another time', async () => {
    await administrator.query('set global innodb_lock_wait_timeout = default');
    const { db, close } = open();

    const { rows } = await sql`select @@innodb_lock_wait_timeout as wait`.execute(db);
    await close();

    expect(rows).toEqual([{ wait: 5 }]);
  });

  test('is closed by the server after its idle time, and the next request succeeds', async () => {
    await administrator.query('create table responses (id int, revision int)');
    const opened = open({ idleSeconds: 1 });
    const handler = createHandler({
      connection: () => opened,
      database: () => Promise.resolve(opened),
      logger: new RecordingLogger(),
    });
    const ask = () => handler({ operation: 'ping', input: {} });
    const connections = async () => {
      const [rows] = await administrator.query<RowDataPacket[]>(
        'select sleep(0.02) from information_schema.processlist where db = database() and id <> connection_id()',
      );
      return rows.length;
    };
    await ask();

    const before = await connections();
    while ((await connections()) > 0);
    const reply = await ask();
    await opened.close();

    expect(before).toBe(1);
    expect(reply).toMatchObject({ ok: true });
  });
});

describeOnServers('a server that crashes and restarts, or is read-only for a while', (kind) => {
  let server: PrivateServer | undefined;
  beforeAll(async () => {
    server = await startPrivateServer(kind);
  });
  afterAll(() => server?.stop());

  test('is unavailable after the crash and works after the restart, with every acknowledged response', async () => {
    // With TEST_DATABASE_URL alone there is no server to crash.
    if (server === undefined) return;
    const proxy = coldStart(`${server.url}mysql`);
    const kept = incoming();
    await proxy.ask('saveResponses', { responses: [kept] });

    await server.kill();
    const meanwhile = [await proxy.save(), await proxy.ask('ping')];
    await server.restart();
    const afterwards = [
      await proxy.save(),
      await proxy.ask('getResponse', { response_id: kept.response_id }),
      await proxy.ask('saveResponses', { responses: [kept] }),
    ];
    await proxy.close();

    expect(meanwhile).toEqual([unavailable, unavailable]);
    expect(afterwards).toMatchObject([
      saved,
      { ok: true, result: { response: { response_id: kept.response_id, revision: 1 } } },
      { ok: true, result: { results: [{ outcome: 'unchanged' }] } },
    ]);
  });

  test('serves a proxy that started during the crash', async () => {
    if (server === undefined) return;
    await server.kill();
    const proxy = coldStart(`${server.url}mysql`);

    const meanwhile = await proxy.save();
    await server.restart();
    const afterwards = await proxy.save();
    await proxy.close();

    expect(meanwhile).toEqual(unavailable);
    expect(afterwards).toEqual(saved);
  });

  test('can be read while it is read-only, and fails the ping', async () => {
    if (server === undefined) return;
    const administrator = await createConnection(`${server.url}mysql`);
    await administrator.query('create database collect');
    await administrator.query('create user collect@localhost');
    await administrator.query('grant all on collect.* to collect@localhost');
    const url = new URL(`${server.url}collect`);
    url.username = 'collect';
    const proxy = coldStart(url.href);
    await proxy.ask('createToken', token);

    await administrator.query('set global read_only = 1');
    await expectReadsOnly(proxy.ask);
    await administrator.query('set global read_only = 0');
    const afterwards = await proxy.ask('ping');
    await administrator.end();
    await proxy.close();

    expect(afterwards).toMatchObject({ ok: true });
  });
});
