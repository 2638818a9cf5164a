import { sql } from 'kysely';
import { certificateAuthority, startPasswordServer, type PasswordServer } from '../../tests/support/password-server.ts';
import { connectInAws } from './connect-in-aws.ts';
import type { Database } from './database.ts';

describe('the sign-in', () => {
  let server: PasswordServer;
  let database: Database;
  afterEach(async () => {
    await database.close();
    await server.stop();
  });

  function connect(authority?: string, more: NodeJS.ProcessEnv = {}): void {
    const environment = {
      DB_HOST: 'localhost',
      DB_PORT: String(server.port),
      DB_USER: 'collect',
      DB_NAME: 'collect',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'session/token',
      ...more,
    };
    database = connectInAws(environment, authority);
  }

  const ask = () => sql`set @asked = 1`.execute(database.db);

  test('sends a token that is signed for this host, port and user, once per connection', async () => {
    server = await startPasswordServer();
    connect(certificateAuthority);
    await ask();
    await ask();

    expect(server.passwords).toEqual([
      expect.stringMatching(
        new RegExp(
          `^localhost:${server.port}/\\?Action=connect&DBUser=collect&.*&X-Amz-Expires=900&X-Amz-Security-Token=session%2Ftoken&.*&X-Amz-Signature=[0-9a-f]{64}$`,
        ),
      ),
    ]);
    expect(server.statements.filter((each) => each === 'set @asked = 1')).toHaveLength(2);
  });

  const withPassword = { DB_PASSWORD: 'correct horse', DB_IDLE_SECONDS: '60' };

  test('uses the password if there is one, and DB_IDLE_SECONDS becomes wait_timeout', async () => {
    server = await startPasswordServer({ asksPassword: false });
    connect(certificateAuthority, withPassword);
    await ask();

    expect(server.statements).toContain('set session wait_timeout = 60');
  });

  test('refuses to send a password in clear text', async () => {
    server = await startPasswordServer();
    connect(certificateAuthority, withPassword);

    await expect(ask()).rejects.toThrow(/mysql_clear_password/);

    expect(server.passwords).toEqual([]);
  });

  test('sends nothing to a server whose certificate no trusted authority has signed', async () => {
    server = await startPasswordServer();
    connect();

    await expect(ask()).rejects.toThrow(/certificate/);

    expect(server.passwords).toEqual([]);
  });

  test('sends nothing to a server whose certificate is for another host', async () => {
    server = await startPasswordServer({ name: 'other.example' });
    connect(certificateAuthority);

    await expect(ask()).rejects.toThrow(/altnames/);

    expect(server.passwords).toEqual([]);
  });

  test('sends nothing to a server that does not encrypt', async () => {
    server = await startPasswordServer({ offersTls: false });
    connect(certificateAuthority);

    await expect(ask()).rejects.toThrow(/secure connection/);

    expect(server.passwords).toEqual([]);
  });
});

test('missing and malformed environment variables cause one error that names them all', () => {
  expect(() => connectInAws({ DB_HOST: 'localhost', DB_IDLE_SECONDS: '-1' })).toThrow(/DB_IDLE_SECONDS/);
  expect(() => connectInAws({ DB_HOST: 'localhost' })).toThrow(/DB_USER: .*DB_NAME: .*AWS_REGION: /);
});
