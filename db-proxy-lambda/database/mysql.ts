/** MySQL 8 and MariaDB 10.6+, through mysql2. */
import { callbackify } from 'node:util';
import { createPool, type Pool, type PoolConnection, type PoolOptions, type RowDataPacket } from 'mysql2';
import {
  Kysely,
  MysqlDialect,
  MysqlQueryCompiler,
  sql,
  type MysqlPool,
  type SelectModifierNode,
  type SqlBool,
} from 'kysely';
import type { Database } from './database.ts';
import { memberPath } from './json-lists.ts';
import { mysqlErrorKind } from './mysql-errors.ts';
import type { Schema } from './schema.ts';

/**
 * A Lambda execution environment runs one invocation at a time, and so one statement: one connection is enough. The second
 * is used while a broken connection is replaced.
 */
const CONNECTIONS = 2;

/** Max wait of a statement for a lock; the caller of the proxy waits 18 seconds in total. */
const LOCK_WAIT_SECONDS = 5;

const READ_COMMITTED = 'set session transaction isolation level read committed';

/** MariaDB does not support MySQL's `for share`; both support the older form. */
class ShareModeCompiler extends MysqlQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier === 'ForShare') this.append('lock in share mode');
    else super.visitSelectModifier(node);
  }
}

class ServerDialect extends MysqlDialect {
  override createQueryCompiler(): MysqlQueryCompiler {
    return new ShareModeCompiler();
  }
}

/**
 * Opens a pool, which connects at the first statement.
 *
 * A session sets only variables that RDS Proxy tracks; any other variable would pin the session to one connection. The
 * lock wait timeout should come from the server's configuration; the session sets it only if the server has another
 * value.
 *
 * The isolation level is read committed, because the gap locks of repeatable read make batches of new ids deadlock. The
 * sql_mode is fixed, because the driver's escaping relies on backslash escapes. It is strict, so that text that is too
 * long is refused, not cut.
 *
 * @param idleSeconds the server closes a connection after this time without a statement, even while this process is
 * frozen
 */
export function openMysql(options: PoolOptions, idleSeconds?: number): Database {
  const pool = createPool({
    charset: 'utf8mb4',
    timezone: 'Z',
    supportBigNumbers: true,
    jsonStrings: true,
    connectTimeout: 3_000,
    enableKeepAlive: true,
    connectionLimit: CONNECTIONS,
    maxIdle: CONNECTIONS,
    ...options,
  });
  const db = new Kysely<Schema>({ dialect: new ServerDialect({ pool: withSetUp(pool, idleSeconds) }) });
  return {
    kind: 'mysql',
    db,
    columnTypes: {
      ascendingId: sql`bigint unsigned auto_increment`,
      reference: sql`bigint unsigned`,
      text: (length) => sql`varchar(${sql.lit(length)}) character set utf8mb4 collate utf8mb4_bin`,
      ascii: (length) => sql`varchar(${sql.lit(length)}) character set ascii collate ascii_bin`,
      json: 'json',
    },
    withTableOptions: (table) =>
      table.modifyEnd(sql`engine = InnoDB default character set utf8mb4 collate utf8mb4_bin row_format = dynamic`),
    keepJsonAsText,
    upsert: (_key, columns) =>
      sql`on duplicate key update ${sql.join(columns.map((column) => sql`${sql.ref(column)} = values(${sql.ref(column)})`))}`,
    addUp: (_key, columns) =>
      sql`on duplicate key update ${sql.join(columns.map((column) => sql`${sql.ref(column)} = ${sql.ref(column)} + values(${sql.ref(column)})`))}`,
    widenText: (database, table, column, type) =>
      database.schema
        .alterTable(table)
        .modifyColumn(column, type, (text) => text.notNull())
        .execute(),
    // The auto-increment counter of a table outlasts its rows.
    neverReuseIds: () => Promise.resolve(),
    reordersJson: true,
    tableWithIndex: <T extends keyof Schema>(table: T, index: string) =>
      sql<Schema[T]>`${sql.table(table)}`.as<T>(sql`${sql.table(table)} force index (${sql.ref(index)})`),
    settleMs: 1_000,
    readUncommitted: (read) =>
      // Set for the session, not for the next transaction, which behind RDS Proxy could run on another connection.
      db.connection().execute(async (connection) => {
        await sql`set session transaction isolation level read uncommitted`.execute(connection);
        try {
          return await read(connection);
        } finally {
          await sql.raw(READ_COMMITTED).execute(connection);
        }
      }),
    // Ignores case and accents; `!` escapes a pattern's characters.
    containsText: (column, text) =>
      sql<SqlBool>`${sql.ref(column)} collate utf8mb4_general_ci like ${`%${text.replaceAll(/[!%_]/g, '!$&')}%`} escape '!'`,
    jsonLength: (column) => sql<number>`json_length(${sql.ref(column)})`,
    countEntries: (column, lists) => {
      const path = `$${lists.map((keys) => `${memberPath(keys)}[*]`).join('')}`;
      return sql<number>`coalesce(json_length(json_extract(${sql.ref(column)}, ${path})), 0)`;
    },
    errorKind: mysqlErrorKind,
    close: () => db.destroy(),
  };
}

/**
 * A pool that sets up new connections before it hands them out. Kysely's own hook never releases a connection whose set-up
 * failed, and two such connections would exhaust the pool.
 */
function withSetUp(pool: Pool, idleSeconds: number | undefined): MysqlPool {
  const ready = new WeakSet<PoolConnection>();
  const connect = async (): Promise<PoolConnection> => {
    const connection = await new Promise<PoolConnection>((resolve, reject) => {
      pool.getConnection((error, given) => (error === null ? resolve(given) : reject(error)));
    });
    if (ready.has(connection)) return connection;
    try {
      await setUp(connection, idleSeconds);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    ready.add(connection);
    return connection;
  };
  return {
    getConnection: callbackify(connect),
    end: (callback) => pool.end(callback),
  };
}

async function setUp(connection: PoolConnection, idleSeconds: number | undefined): Promise<void> {
  const session = connection.promise();
  await session.query(READ_COMMITTED);
  await session.query("set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'");
  const [rows] = await session.query<RowDataPacket[]>('select @@session.innodb_lock_wait_timeout as seconds');
  if (rows[0]?.['seconds'] !== LOCK_WAIT_SECONDS) {
    await session.query(`set session innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
  }
  if (idleSeconds !== undefined) await session.query(`set session wait_timeout = ${idleSeconds}`);
}

/** Does nothing on MariaDB, whose JSON columns are text already. The one statement per table is atomic. */
async function keepJsonAsText(db: Kysely<Schema>, table: string, columns: readonly string[]): Promise<void> {
  const { rows } = await sql<{ name: string; nullable: 'YES' | 'NO' }>`
    select column_name as name, is_nullable as nullable from information_schema.columns
    where table_schema = database() and table_name = ${table} and data_type = 'json' and column_name in (${sql.join(columns)})
    order by ordinal_position
  `.execute(db);
  if (rows.length === 0) return;
  const changes = rows.map(({ name, nullable }) => {
    const column = sql.ref(name);
    const nullability = sql.raw(nullable === 'YES' ? 'null' : 'not null');
    return sql`modify ${column} longtext character set utf8mb4 collate utf8mb4_bin ${nullability},
      add constraint ${sql.id(`${table}_${name}_is_json`)} check (json_valid(${column}))`;
  });
  await sql`alter table ${sql.table(table)} ${sql.join(changes)}`.execute(db);
}
