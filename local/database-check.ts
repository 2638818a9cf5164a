/** Checks the database before anything starts. */
import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mysql2/promise';
import { readMysqlUrl, type MysqlAddress } from '../db-proxy-lambda/database/mysql-url.ts';
import { UserError, errorCode } from './user-error.ts';

const CONNECT_MILLISECONDS = 5000;
const FORMS = 'mysql://user:password@host:port/name or sqlite:FILE';

function mysqlAddress(url: string): MysqlAddress {
  let address: MysqlAddress | undefined;
  try {
    address = readMysqlUrl(url);
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error));
  }
  if (address === undefined) throw new UserError(`DATABASE_URL must be ${FORMS}.`);
  return address;
}

function mysqlProblem({ host, port, user, database }: MysqlAddress, error: unknown): string {
  const server = `${host}:${port}`;
  switch (errorCode(error)) {
    case 'ECONNREFUSED':
      return `No database answers at ${server}: start it, or correct DATABASE_URL.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The database's host ${host} is unknown: correct DATABASE_URL.`;
    case 'ER_ACCESS_DENIED_ERROR':
    case 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR':
      return `The database at ${server} refuses the user ${user}: correct the user or the password in DATABASE_URL.`;
    case 'ER_DBACCESS_DENIED_ERROR':
      return `The user ${user} may not use the database ${database} at ${server}: grant access, or correct DATABASE_URL.`;
    case 'ER_BAD_DB_ERROR':
      return `There is no database ${database} at ${server}: create it, or correct DATABASE_URL.`;
    case 'HANDSHAKE_NO_SSL_SUPPORT':
    case 'HANDSHAKE_SSL_ERROR':
      return `The database at ${server} has an untrusted certificate or no TLS: correct ssl-mode or ssl-ca in DATABASE_URL.`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `The database at ${server} cannot be reached: correct DATABASE_URL, or check the network and the firewall.`;
    default:
      return `The database ${database} at ${server} cannot be used (${errorCode(error) || 'no reason given'}).`;
  }
}

async function checkMysql(address: MysqlAddress): Promise<void> {
  const connection = await createConnection({ ...address, connectTimeout: CONNECT_MILLISECONDS });
  await connection.end();
}

function checkSqlite(file: string): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`The database file ${file} cannot be used (${reason}): name another file in DATABASE_URL.`);
  } finally {
    database?.close();
  }
}

/**
 * Opens and closes the database that `url` names.
 * @returns its description for the user, without the password
 * @throws {UserError} when it cannot be used
 */
export async function checkDatabase(url: string): Promise<string> {
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length);
    checkSqlite(file);
    return `SQLite, ${file}`;
  }
  const address = mysqlAddress(url);
  await checkMysql(address).catch((error: unknown) => {
    throw new UserError(mysqlProblem(address, error));
  });
  return `MySQL, ${address.database} at ${address.host}:${address.port}`;
}
