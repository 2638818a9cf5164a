/**
 * Creates databases by copying a template, which has the schema and the first forms. Migrating each database would run
 * more than 20 statements, about a thousand times in a test run. The first test that needs a template creates it.
 */
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { migrate } from '../../db-proxy-lambda/database/migrate.ts';
import { openDatabase } from '../../db-proxy-lambda/database/open-database.ts';
import { seedForms } from '../../db-proxy-lambda/forms/seed-forms.ts';
import { createTestDatabase, type TestDatabase, type TestDatabaseKind } from './databases.ts';

/** The folder of this run, set by tests/setup. */
const FOLDER = process.env['COLLECT_TEST_FOLDER'] ?? '';

/** Creates a database with the schema and the first forms. */
export async function createMigratedDatabase(kind: TestDatabaseKind): Promise<TestDatabase> {
  const created = await createTestDatabase(kind);
  const template = path.join(FOLDER, kind);
  if (!existsSync(template)) await makeTemplate(created.url, template);
  else if (kind === 'sqlite') copyFileSync(template, created.url.slice('sqlite:'.length));
  else await onServer(created.url, (connection) => connection.query(readFileSync(template, 'utf8')));
  return created;
}

async function makeTemplate(url: string, template: string): Promise<void> {
  const database = openDatabase(url);
  await migrate(database);
  await seedForms(database);
  // Several workers may create the template simultaneously. The last one replaces the others, which are identical.
  const unfinished = `${template}-${randomUUID()}`;
  if (database.kind === 'sqlite') await sql`vacuum into ${unfinished}`.execute(database.db);
  else writeFileSync(unfinished, await onServer(url, dump));
  await database.close();
  renameSync(unfinished, template);
}

/** The statements that create a copy of a server's database. */
async function dump(connection: Connection): Promise<string> {
  const [tables] = await connection.query<RowDataPacket[]>({ sql: 'show tables', rowsAsArray: true });
  const statements = ['set foreign_key_checks = 0'];
  for (const row of tables) {
    const table: unknown = row[0];
    const [made] = await connection.query<RowDataPacket[]>({
      sql: 'show create table ??',
      values: [table],
      rowsAsArray: true,
    });
    statements.push(String(made[0]?.[1]));
    const [rows] = await connection.query<RowDataPacket[]>({
      sql: 'select * from ??',
      values: [table],
      rowsAsArray: true,
    });
    if (rows.length > 0) statements.push(connection.format('insert into ?? values ?', [table, rows]));
  }
  return statements.join(';\n');
}

async function onServer<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({
    uri: url,
    charset: 'utf8mb4',
    jsonStrings: true,
    multipleStatements: true,
  });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}
