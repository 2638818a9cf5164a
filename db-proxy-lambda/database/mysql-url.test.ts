import path from 'node:path';
import { getCACertificates } from 'node:tls';
import { sql } from 'kysely';
import { certificateAuthority, startPasswordServer, type PasswordServer } from '../../tests/support/password-server.ts';
import type { Database } from './database.ts';
import { readMysqlUrl } from './mysql-url.ts';
import { openDatabase } from './open-database.ts';

const AUTHORITY = path.join(__dirname, '../../tests/support/tls/certificate-authority.pem');
const EVERYWHERE = 'mysql://user:hunter2@db.example.org/collect';

describe('a connection', () => {
  test('verifies the certificate of the host by default', () => {
    expect(readMysqlUrl(EVERYWHERE)?.ssl).toEqual({
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      verifyIdentity: true,
    });
  });

  test.each(['localhost', '127.0.0.1', '[::1]'])('is not encrypted on the loopback, %s', (host) => {
    expect(readMysqlUrl(`mysql://root@${host}:3307/collect`)).not.toHaveProperty('ssl');
  });

  test.each(['collect.abc.eu-west-1.rds.amazonaws.com', 'collect.abc.rds.cn-north-1.amazonaws.com.cn'])(
    'trusts the authorities of Amazon RDS at %s',
    (host) => {
      expect(readMysqlUrl(`mysql://root@${host}/collect`)?.ssl?.ca?.length).toBeGreaterThan(50);
    },
  );

  test('trusts the authorities of both Node.js and Amazon RDS at any other host of AWS', () => {
    const hosts = ['db-0123.elb.eu-west-1.amazonaws.com', 'collect.abc.eu-west-1.rds.amazonaws.com'];
    const [balancer, rds] = hosts.map((host) => readMysqlUrl(`mysql://root@${host}/collect`)?.ssl?.ca);

    expect(new Set(balancer)).toEqual(new Set([...getCACertificates(), ...(rds ?? [])]));
  });

  test('trusts the authorities of Node.js at RDS Proxy', () => {
    const url = 'mysql://root@collect.proxy-abc.eu-west-1.rds.amazonaws.com/collect';

    expect(readMysqlUrl(url)?.ssl).not.toHaveProperty('ca');
  });

  test.each([
    ['ssl-mode=PREFERRED', /DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY/],
    ['ssl-mode=', /DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY/],
    ['ssl-mode=DISABLED&ssl-mode=REQUIRED', /ssl-mode and ssl-ca, each once/],
    ['sslmode=REQUIRED', /ssl-mode and ssl-ca, each once, and no other/],
    ['connectionLimit=hunter2', /ssl-mode and ssl-ca, each once, and no other/],
    ['ssl-ca=/nowhere/hunter2.pem', /a file that can be read/],
    [`ssl-ca=${__filename}`, /no certificate/],
    [`ssl-mode=REQUIRED&ssl-ca=${AUTHORITY}`, /VERIFY_CA or VERIFY_IDENTITY/],
  ])('with %s is refused, and the error does not contain the password', (parameters, sentence) => {
    const read = () => readMysqlUrl(`${EVERYWHERE}?${parameters}`);

    expect(read).toThrow(sentence);
    expect(read).not.toThrow(/hunter2/);
  });
});

describe('a connection to a server with a certificate of a private authority', () => {
  let server: PasswordServer;
  let database: Database | undefined;
  afterEach(async () => {
    await database?.close();
    await server.stop();
  });

  /** Connects. Returns whether the sign-in was sent `encrypted` or `plain`, or the error. */
  async function signIn(parameters: string, certificates?: string): Promise<string> {
    database = openDatabase(`mysql://user:hunter2@localhost:${server.port}/collect${parameters}`, certificates);
    try {
      await sql`set @asked = 1`.execute(database.db);
    } catch (error) {
      return String(error);
    }
    return server.encrypted > 0 ? 'encrypted' : 'plain';
  }

  test.each([
    ['localhost', '', 'plain'],
    ['localhost', '?ssl-mode=DISABLED', 'plain'],
    ['localhost', '?ssl-mode=required', 'encrypted'],
    ['localhost', '?ssl-mode=VERIFY_CA', 'certificate'],
    ['localhost', '?ssl-mode=VERIFY_IDENTITY', 'certificate'],
    ['localhost', `?ssl-mode=VERIFY_IDENTITY&ssl-ca=${AUTHORITY}`, 'encrypted'],
    ['other.example', '?ssl-mode=REQUIRED', 'encrypted'],
    ['other.example', `?ssl-mode=VERIFY_CA&ssl-ca=${AUTHORITY}`, 'encrypted'],
    ['other.example', `?ssl-mode=VERIFY_IDENTITY&ssl-ca=${AUTHORITY}`, 'altnames'],
  ])('for the name %s, with the parameters "%s", results in: %s', async (name, parameters, outcome) => {
    server = await startPasswordServer({ name, asksPassword: false });

    expect(await signIn(parameters)).toContain(outcome);
  });

  test('is encrypted if the authority is given as text, even without line breaks', async () => {
    server = await startPasswordServer({ asksPassword: false });

    expect(await signIn('?ssl-mode=VERIFY_IDENTITY', certificateAuthority.replaceAll('\n', ' '))).toBe('encrypted');
  });

  test('sends no sign-in if encryption is required and the server offers none', async () => {
    server = await startPasswordServer({ offersTls: false, asksPassword: false });

    expect(await signIn('?ssl-mode=REQUIRED')).toContain('secure connection');
    expect(server.plain).toBe(0);
  });
});
