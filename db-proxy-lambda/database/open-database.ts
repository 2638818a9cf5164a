import type { Database } from './database.ts';
import { openMysql } from './mysql.ts';
import { readMysqlUrl } from './mysql-url.ts';
import { openSqlite } from './sqlite.ts';

/**
 * Opens the database that a URL names: `mysql://user:password@host:port/name`, with the parameters of mysql-url.ts, or
 * `sqlite:FILE`. Connects at the first statement.
 *
 * @param certificates of the authorities to trust (PEM), if the URL names no file
 * @throws {Error} for any other URL; the message never repeats the URL, which may hold a password
 */
export function openDatabase(url: string, certificates?: string): Database {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length));
  const address = readMysqlUrl(url, certificates);
  if (address === undefined) {
    throw new Error('DATABASE_URL must be mysql://user:password@host:port/name or sqlite:FILE.');
  }
  return openMysql(address);
}
