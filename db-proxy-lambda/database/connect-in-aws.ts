import * as z from 'zod';
import { signAuthToken } from './auth-token.ts';
import type { Database } from './database.ts';
import { openMysql } from './mysql.ts';
import { encryptionFor, VERIFY_IDENTITY } from './tls.ts';

const settings = z.object({
  DB_HOST: z.string().min(1),
  DB_PORT: z.coerce.number().int().min(1).max(65_535).default(3306),
  DB_USER: z.string().min(1),
  DB_NAME: z.string().min(1),
  DB_PASSWORD: z.string().default(''),
  DB_IDLE_SECONDS: z.union([z.literal('').transform(() => undefined), z.coerce.number().int().min(1)]).optional(),
  AWS_REGION: z.string().min(1),
});

/**
 * Opens the database at `DB_HOST` as `DB_USER`: with `DB_PASSWORD`, or else with an IAM token that is signed for each new
 * connection. Lambda renews the signing credentials in the environment.
 *
 * The server closes a connection after `DB_IDLE_SECONDS` without a statement.
 *
 * The connection must be encrypted, and the certificate must name the host.
 *
 * @param certificateAuthority to trust (PEM), instead of the authorities that tls.ts chooses
 * @throws {Error} that names every variable that is missing or malformed
 */
export function connectInAws(environment: NodeJS.ProcessEnv, certificateAuthority?: string): Database {
  const read = settings.safeParse(environment);
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`Environment variables of the db-proxy are missing or malformed. ${faults.join('; ')}.`);
  }
  const { DB_HOST: host, DB_PORT: port, DB_USER: user, DB_NAME: database, DB_PASSWORD: password } = read.data;
  const { DB_IDLE_SECONDS: idleSeconds } = read.data;
  const token = async () => Buffer.from(`${await signAuthToken(environment, { host, port, user })}\0`);
  return openMysql(
    {
      host,
      port,
      user,
      database,
      ssl: encryptionFor(
        host,
        VERIFY_IDENTITY,
        certificateAuthority === undefined ? undefined : [certificateAuthority],
      ),
      ...(password === ''
        ? // RDS requests the token in clear text over TLS, once per connection.
          { authPlugins: { mysql_clear_password: () => token } }
        : { password }),
    },
    idleSeconds,
  );
}
