import type { Database } from './database.ts';
import { openMysql } from './mysql.ts';
import { openSqlite } from './sqlite.ts';

/**
 * Opens the database that a URL names: `mysql://user:password@host:port/name` or `sqlite:FILE`.
 * Makes no connection yet.
 *
 * @throws {Error} when the URL is of neither form; the message never repeats the URL, which may hold a password.
 */
export function openDatabase(url: string): Database {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length));
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const name = parsed?.pathname.slice(1) ?? '';
  if (parsed?.protocol !== 'mysql:' || name === '') {
    throw new Error('DATABASE_URL must be mysql://user:password@host:port/name or sqlite:FILE.');
  }
  return openMysql({
    host: parsed.hostname,
    port: parsed.port === '' ? 3306 : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(name),
  });
}
