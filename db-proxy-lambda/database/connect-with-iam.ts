import * as z from 'zod';
import { signAuthToken } from './auth-token.ts';
import type { Database } from './database.ts';
import { openMysql } from './mysql.ts';

const settings = z.object({
  DB_HOST: z.string().min(1),
  DB_PORT: z.coerce.number().int().min(1).max(65_535).default(3306),
  DB_USER: z.string().min(1),
  DB_NAME: z.string().min(1),
  AWS_REGION: z.string().min(1),
});

/**
 * Opens the database at `DB_HOST` as `DB_USER`, with a token that is signed for each new connection in place of a
 * password. Lambda keeps the credentials that it is signed with in the environment, and renews them there.
 *
 * The connection is refused unless it is encrypted and the certificate is the host's: RDS Proxy's is signed by Amazon
 * Trust Services, which Node.js knows.
 *
 * @param certificateAuthority in place of those that Node.js knows
 * @throws {Error} that names every variable that is missing or malformed
 */
export function connectWithIam(environment: NodeJS.ProcessEnv, certificateAuthority?: string): Database {
  const read = settings.safeParse(environment);
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment of the db-proxy is not complete. ${faults.join('; ')}.`);
  }
  const { DB_HOST: host, DB_PORT: port, DB_USER: user, DB_NAME: database, AWS_REGION: region } = read.data;
  const token = (): string => {
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = environment;
    return signAuthToken({
      host,
      port,
      user,
      region,
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
      now: new Date(),
    });
  };
  return openMysql({
    host,
    port,
    user,
    database,
    ssl: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      verifyIdentity: true,
      ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
    },
    // RDS asks for the token in the clear, over TLS; asked once per connection.
    authPlugins: { mysql_clear_password: () => () => Buffer.from(`${token()}\0`) },
  });
}
