import { sql } from 'kysely';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { openMysql } from '../../db-proxy-lambda/database/mysql.ts';
import { createTestDatabase, describeOnServers, type TestDatabase } from '../support/databases.ts';
import { Relay } from './relay.ts';
import { BORROW_TIMEOUT } from './statements.ts';

describeOnServers('A relay that refuses statements', (kind) => {
  let database: TestDatabase;
  let relay: Relay;
  let connection: Connection;

  beforeEach(async () => {
    database = await createTestDatabase(kind);
    const server = new URL(database.url);
    relay = await Relay.start(Number(server.port || 3306), 'mysql');
    server.port = String(relay.port);
    connection = await createConnection(server.href);
  });
  afterEach(async () => {
    connection.destroy();
    await relay.stop();
    await database.drop();
  });

  const count = async (text: string): Promise<unknown> => {
    const [rows] = await connection.query<RowDataPacket[]>('select length(?) as length', [text]);
    return rows[0]?.['length'];
  };

  test('replies like RDS Proxy without a free connection: an error without a code', async () => {
    relay.refuseStatements(BORROW_TIMEOUT);

    const refused = count('x'.repeat(1_000_000));

    await expect(refused).rejects.toMatchObject({ errno: 9501, sqlState: 'HY000' });
    await expect(refused).rejects.not.toHaveProperty('code', expect.stringMatching(/./));
  });

  test('leaves the connection usable', async () => {
    relay.refuseStatements(BORROW_TIMEOUT);
    await expect(count('')).rejects.toMatchObject({ errno: 9501 });

    relay.refuseStatements();

    expect(await count('x'.repeat(1_000_000))).toBe(1_000_000);
  });

  test('passes the statements of an open transaction', async () => {
    await connection.query('begin');
    relay.refuseStatements(BORROW_TIMEOUT);

    expect(await count('abc')).toBe(3);
    await connection.query('commit');

    await expect(connection.query('begin')).rejects.toMatchObject({ errno: 9501 });
  });

  test('does not exhaust the pool with connections that failed to open', async () => {
    const { hostname: host, username: user, pathname } = new URL(database.url);
    const pool = openMysql({ host, port: relay.port, user, database: pathname.slice(1) });
    const ask = () => sql`select 1`.execute(pool.db);

    relay.refuseStatements(BORROW_TIMEOUT);
    for (let times = 0; times < 3; times += 1) await expect(ask()).rejects.toMatchObject({ errno: 9501 });
    relay.refuseStatements();
    const { rows } = await ask();
    await pool.close();

    expect(rows).toHaveLength(1);
  });
});
