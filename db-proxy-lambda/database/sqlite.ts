/** SQLite through node:sqlite: the default database of a local stack. */
import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import type { DatabaseConnection, SelectModifierNode, SqlBool, SqliteDatabase } from 'kysely';
import type { Database, DatabaseErrorKind } from './database.ts';
import { type Lists, memberPath } from './json-lists.ts';
import type { Schema } from './schema.ts';

/**
 * Result codes of SQLite (https://www.sqlite.org/rescode.html), as node:sqlite gives them in `errcode`. All other codes are
 * transient: SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN.
 */
const ERROR_KINDS: Record<number, DatabaseErrorKind> = {
  5: 'DATABASE_BUSY', // SQLITE_BUSY
  6: 'DATABASE_BUSY', // SQLITE_LOCKED
  13: 'DATABASE_FULL', // SQLITE_FULL
  1: 'INTERNAL', // SQLITE_ERROR: the statement is wrong
  18: 'INTERNAL', // SQLITE_TOOBIG
  19: 'INTERNAL', // SQLITE_CONSTRAINT
  20: 'INTERNAL', // SQLITE_MISMATCH
  21: 'INTERNAL', // SQLITE_MISUSE
  25: 'INTERNAL', // SQLITE_RANGE
};
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;

/** A custom function, because SQLite's own functions ignore the case of ASCII letters only. */
const CONTAINS_TEXT = 'contains_text';
const containsText = (value: SQLOutputValue, text: SQLOutputValue): number =>
  String(value).toLowerCase().includes(String(text)) ? 1 : 0;

const OPENING_TRIES = 100;
const OPENING_PAUSE_MS = 20;

function errorKind(error: unknown): DatabaseErrorKind {
  if (!Error.isError(error) || !('errcode' in error) || typeof error.errcode !== 'number') return 'INTERNAL';
  if (error.errcode === CONSTRAINT_PRIMARYKEY || error.errcode === CONSTRAINT_UNIQUE) return 'DUPLICATE_KEY';
  if (/^(index \S+ already exists|duplicate column name)/.test(error.message)) return 'ALREADY_EXISTS';
  return ERROR_KINDS[error.errcode & 0xff] ?? 'DATABASE_UNAVAILABLE';
}

/** Adapts node:sqlite to the interface that Kysely expects. */
function adaptNodeSqlite(file: string): SqliteDatabase {
  const database = new DatabaseSync(file);
  try {
    database.exec(
      'pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on',
    );
  } catch (error) {
    database.close();
    throw error;
  }
  database.function(CONTAINS_TEXT, { deterministic: true }, containsText);
  return {
    close: () => database.close(),
    prepare: (text) => {
      const statement = database.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bindable(parameters)),
        run: (parameters) => statement.run(...bindable(parameters)),
        iterate: (parameters): IterableIterator<Record<string, SQLOutputValue>> =>
          statement.iterate(...bindable(parameters)),
      };
    },
  };
}

/**
 * Opens a file, with retries: SQLite does not wait for its lock while several processes create the file and switch its
 * journal mode.
 */
async function openWhenFree(file: string): Promise<SqliteDatabase> {
  for (let tries = 1; ; tries += 1) {
    try {
      return adaptNodeSqlite(file);
    } catch (error) {
      if (tries === OPENING_TRIES || errorKind(error) !== 'DATABASE_BUSY') throw error;
      await wait(OPENING_PAUSE_MS);
    }
  }
}

function bindable(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
      return value;
    }
    throw new TypeError(`SQLite cannot bind a value of type ${typeof value}.`);
  });
}

/** Takes the write lock at the start of a transaction: a transaction that reads first cannot wait for the lock later. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Takes a lock for migrations. Kysely's own adapter takes none, so two processes could migrate at the same time. */
class LockingAdapter extends SqliteAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>): Promise<void> {
    await sql`begin immediate`.execute(db);
  }
  override async releaseMigrationLock(db: Kysely<unknown>): Promise<void> {
    await sql`commit`.execute(db);
  }
}

/** Leaves out row locks: a transaction is the only writer. */
class LocklessCompiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.modifier !== 'ForUpdate' && node.modifier !== 'ForShare') super.visitSelectModifier(node);
  }
}

/** Opens a database file, or creates it, at the first statement: errors then reach `errorKind`. */
export function openSqlite(file: string): Database {
  const db = new Kysely<Schema>({
    dialect: {
      createDriver: () => new ImmediateDriver({ database: () => openWhenFree(file) }),
      createAdapter: () => new LockingAdapter(),
      createQueryCompiler: () => new LocklessCompiler(),
      createIntrospector: (database) => new SqliteIntrospector(database),
    },
  });
  return {
    kind: 'sqlite',
    db,
    columnTypes: {
      ascendingId: sql`integer`,
      reference: 'integer',
      text: () => 'text',
      ascii: () => 'text',
      json: 'text',
    },
    withTableOptions: (table) => table,
    keepJsonAsText,
    upsert: (key, columns) =>
      sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do update set ${sql.join(
        columns.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`),
      )}`,
    addUp: (key, columns) =>
      sql`on conflict (${sql.join(key.map((column) => sql.ref(column)))}) do update set ${sql.join(
        columns.map((column) => sql`${sql.ref(column)} = ${sql.ref(column)} + excluded.${sql.ref(column)}`),
      )}`,
    // Text has no maximum length.
    widenText: () => Promise.resolve(),
    neverReuseIds,
    reordersJson: false,
    // Other databases get an index hint here. SQLite itself chooses the index whose order needs no sorting.
    tableWithIndex: <T extends keyof Schema>(table: T) => sql<Schema[T]>`${sql.table(table)}`.as(table),
    // Only one transaction writes at a time, and its timestamp is read after it began. The next transaction may have a
    // timestamp in the same millisecond.
    settleMs: 1,
    readUncommitted: (read) => read(db),
    containsText: (column, text) => sql<SqlBool>`${sql.raw(CONTAINS_TEXT)}(${sql.ref(column)}, ${text.toLowerCase()})`,
    jsonLength: (column) => sql<number>`json_array_length(${sql.ref(column)})`,
    countEntries,
    errorKind,
    close: () => db.destroy(),
  };
}

/** JSON columns are text already; adds the missing checks that the text is valid JSON. */
async function keepJsonAsText(db: Kysely<Schema>, table: string, columns: readonly string[]): Promise<void> {
  const { rows } = await sql<{
    definition: string;
  }>`select sql as definition from sqlite_master where name = ${table}`.execute(db);
  for (const name of columns) {
    const constraint = `${table}_${name}_is_json`;
    if (rows.some(({ definition }) => definition.includes(constraint))) continue;
    await sql`
      alter table ${sql.table(table)} add constraint ${sql.id(constraint)} check (json_valid(${sql.ref(name)}))
    `.execute(db);
  }
}

/** Replaces the table by a copy, because SQLite cannot change a key. An interrupted step continues from there. */
async function neverReuseIds(db: Kysely<Schema>, name: string): Promise<void> {
  const [table, copy] = [sql.table(name), sql.table(`${name}_copy`)];
  const { rows } = await sql<{ definition: string }>`
    select sql as definition from sqlite_master where type = 'table' and name = ${name}
  `.execute(db);
  const [stored] = rows;
  if (stored !== undefined) {
    if (stored.definition.includes('autoincrement')) return;
    const definition = stored.definition.replace(name, `${name}_copy`).replace('primary key', '$& autoincrement');
    await sql`drop table if exists ${copy}`.execute(db);
    await sql.raw(definition).execute(db);
    await sql`insert into ${copy} select * from ${table}`.execute(db);
    await sql`drop table ${table}`.execute(db);
  }
  await sql`alter table ${copy} rename to ${table}`.execute(db);
}

/** The elements of lists have numbers as keys in json_each; the members of objects have texts. */
function countEntries(column: string, lists: Lists) {
  const elements = lists.map((keys, index) => {
    const outer = sql.raw(`list_${index - 1}`);
    // json_each fails for a text that is not JSON.
    const json =
      index === 0 ? sql.ref(column) : sql`case ${outer}.type when 'object' then ${outer}.value else '{}' end`;
    return sql`json_each(${json}, ${`$${memberPath(keys)}`}) as ${sql.raw(`list_${index}`)}`;
  });
  const areInLists = lists.map((_, index) => sql`typeof(${sql.raw(`list_${index}`)}.key) = 'integer'`);
  return sql<number>`(select count(*) from ${sql.join(elements)} where ${sql.join(areInLists, sql` and `)})`;
}
