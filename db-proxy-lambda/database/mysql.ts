/** MySQL 8 and MariaDB 10.6+, through mysql2. */
import { callbackify } from 'node:util';
import { createPool, type Pool, type PoolConnection, type PoolOptions, type RowDataPacket } from 'mysql2';
import { Kysely, MysqlDialect, sql, type MysqlPool } from 'kysely';
import type { Database } from './database.ts';
import { mysqlErrorKind } from './mysql-errors.ts';
import type { Schema } from './schema.ts';
import type { ResponsesTable } from '../responses/rows.ts';

/**
 * An invocation runs alone in its Lambda environment and asks one thing at a time, so one connection is enough; the
 * second lets a statement through while a broken connection is being replaced.
 */
const CONNECTIONS = 2;

/** A statement waits so long for a lock; the caller of the proxy waits for 18 seconds in all. */
const LOCK_WAIT_SECONDS = 5;

/**
 * Opens a pool; no connection is made until it is needed.
 *
 * A connection sets what RDS Proxy tracks. Any other variable would pin the session to a connection of its own, so the
 * lock wait timeout comes from the server's configuration, and the session sets it only where that differs.
 *
 * Read committed, because the gap locks of repeatable read make batches of new ids deadlock each other.
 * A fixed sql_mode, because the driver's escaping relies on backslash escapes, and a strict one, because text that is
 * too long must be refused rather than cut.
 *
 * @param idleSeconds the server closes a connection that was idle for so long, also while this process is frozen
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
  const db = new Kysely<Schema>({ dialect: new MysqlDialect({ pool: withSetUp(pool, idleSeconds) }) });
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
    responsesBy: (index) =>
      sql<ResponsesTable>`responses`.as<'responses'>(
        sql`responses force index (${sql.ref(index === 'id' ? 'primary' : index)})`,
      ),
    settleMs: 1_000,
    readUncommitted: (read) =>
      // For the session: what is set for the next transaction alone could meet another connection behind RDS Proxy.
      db.connection().execute(async (connection) => {
        await sql`set session transaction isolation level read uncommitted`.execute(connection);
        try {
          return await read(connection);
        } finally {
          await sql.raw(READ_COMMITTED).execute(connection);
        }
      }),
    jsonLength: (column) => sql<number>`json_length(${sql.ref(column)})`,
    errorKind: mysqlErrorKind,
    close: () => db.destroy(),
  };
}

const READ_COMMITTED = 'set session transaction isolation level read committed';

/**
 * A pool whose new connections are set up before they are handed out. Kysely's own hook would keep a connection for ever
 * whose set-up was refused, and two of those would use the pool up.
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

/** MariaDB's JSON is such a text already, with such a check. One statement a table, so that it is done or not. */
async function keepJsonAsText(db: Kysely<Schema>, table: string, columns: readonly string[]): Promise<void> {
  const { rows } = await sql<{ name: string; nullable: 'YES' | 'NO' }>`
    select column_name as name, is_nullable as nullable from information_schema.columns
    where table_schema = database() and table_name = ${table} and data_type = 'json' and column_name in (${sql.join(columns)})
    order by ordinal_position
  `.execute(db);
  if (rows.length === 0) return;
  const changes = rows.map(({ name, nullable }) => {
    const column = sql.ref(name);
    const isEmpty = sql.raw(nullable === 'YES' ? 'null' : 'not null');
    return sql`modify ${column} longtext character set utf8mb4 collate utf8mb4_bin ${isEmpty},
      add constraint ${sql.id(`${table}_${name}_is_json`)} check (json_valid(${column}))`;
  });
  await sql`alter table ${sql.table(table)} ${sql.join(changes)}`.execute(db);
}
