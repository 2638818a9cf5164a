import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createTestDatabase, describeOnServers, type TestDatabase } from '../../tests/support/databases.ts';
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

  test('answers as RDS Proxy does when no connection is to be had, without a code', async () => {
    relay.refuseStatements(BORROW_TIMEOUT);

    const refused = count('x'.repeat(1_000_000));

    await expect(refused).rejects.toMatchObject({ errno: 9501, sqlState: 'HY000' });
    await expect(refused).rejects.not.toHaveProperty('code', expect.stringMatching(/./));
  });

  test('leaves the connection as it was', async () => {
    relay.refuseStatements(BORROW_TIMEOUT);
    await expect(count('')).rejects.toMatchObject({ errno: 9501 });

    relay.refuseStatements();

    expect(await count('x'.repeat(1_000_000))).toBe(1_000_000);
  });

  test('lets a transaction end that has begun', async () => {
    await connection.query('begin');
    relay.refuseStatements(BORROW_TIMEOUT);

    expect(await count('abc')).toBe(3);
    await connection.query('commit');

    await expect(connection.query('begin')).rejects.toMatchObject({ errno: 9501 });
  });
});
