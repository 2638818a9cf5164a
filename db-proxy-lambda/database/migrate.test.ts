import { readdirSync } from 'node:fs';
import path from 'node:path';
import { sql, type KyselyPlugin } from 'kysely';
import { createTestDatabase, everyDatabaseKind, type TestDatabase } from '../../tests/support/databases.ts';
import { startProxyProcesses } from '../../tests/support/proxy-process.ts';
import { migrations } from './migrations/index.ts';
import { seedForms } from '../forms/seed-forms.ts';
import type { Database } from './database.ts';
import { insertForm } from '../forms/queries.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';

test('every numbered file of migrations/ has its line in index.ts', () => {
  const files = readdirSync(path.join(__dirname, 'migrations')).filter((file) => /^\d+-[^.]+\.ts$/.test(file));

  expect(Object.keys(migrations)).toEqual(files.map((file) => path.basename(file, '.ts')).toSorted());
});

describe.each(everyDatabaseKind)('bringing the schema up to date on %s:', (kind) => {
  let testDatabase: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    testDatabase = await createTestDatabase(kind);
    database = openDatabase(testDatabase.url);
  });
  afterEach(async () => {
    await database.close();
    await testDatabase.drop();
  });

  async function forms() {
    return database.db.selectFrom('forms').select(['form_id', 'version']).execute();
  }

  test('concurrent cold starts create one schema and one first version of each form', async () => {
    const processes = await startProxyProcesses(5, testDatabase.url);

    const replies = await Promise.all(
      processes.map((each) => each.ask([1, 2, 3].map(() => ({ operation: 'ping', input: {} })))),
    );
    await Promise.all(processes.map((each) => each.stop()));

    expect(replies.flat()).toEqual(
      Array.from({ length: 15 }, () => ({ ok: true, result: { database: database.kind } })),
    );
    expect(await appliedMigrations(database)).toEqual(Object.keys(migrations).toSorted());
    expect(await forms()).toEqual([{ form_id: 'household_finances', version: 1 }]);
    const raced = await schemaOf(database);
    await migrate(database);
    expect(await schemaOf(database)).toEqual(raced);
  });

  test('a second run changes nothing', async () => {
    await migrate(database);
    await seedForms(database);
    const before = [await schemaOf(database), await appliedMigrations(database), await forms()];

    await migrate(database);
    await seedForms(database);

    expect([await schemaOf(database), await appliedMigrations(database), await forms()]).toEqual(before);
  });

  test('every step can run again after it failed at any of its statements', async () => {
    await migrate(database);
    const whole = await schemaOf(database);
    await database.close();
    await testDatabase.drop();
    testDatabase = await createTestDatabase(kind);
    database = openDatabase(testDatabase.url);

    const statements: Record<string, number> = {};
    for (const [name, step] of Object.entries(migrations)) {
      let done = 0;
      while (!(await completes((db) => step({ ...database, db }), database, done))) done += 1;
      statements[name] = done;
    }
    await migrate(database);

    expect(statements).toMatchObject({ '0001-responses': 7 });
    expect(await schemaOf(database)).toEqual(whole);
  });

  test('a migration that failed after the first table continues from there and keeps its rows', async () => {
    const step = migrations['0001-responses'];
    await completes(async (db) => step?.({ ...database, db }), database, 1);
    await insertForm(database.db, { form_id: 'crops', version: 1, definition: {}, created_at: '2026-09-01T06:00:00Z' });

    await migrate(database);
    await seedForms(database);

    expect(await appliedMigrations(database)).toEqual(Object.keys(migrations).toSorted());
    expect(await forms()).toEqual([
      { form_id: 'crops', version: 1 },
      { form_id: 'household_finances', version: 1 },
    ]);
  });

  test('a form that managers changed is not seeded again', async () => {
    await migrate(database);
    await seedForms(database);
    const changed = { form_id: 'household_finances', version: 2, definition: { title: 'Ours' } };
    await insertForm(database.db, { ...changed, created_at: '2026-09-01T06:00:00Z' });

    await seedForms(database);

    expect(await forms()).toEqual([
      { form_id: 'household_finances', version: 1 },
      { form_id: 'household_finances', version: 2 },
    ]);
  });
});

const POWER_CUT = 'The power was cut.';

/** Runs work on a database that fails after this many statements, and returns whether the work was completed. */
async function completes(
  work: (db: Database['db']) => Promise<void>,
  { db }: Database,
  statements: number,
): Promise<boolean> {
  let left = statements;
  const cutter: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (left === 0) throw new Error(POWER_CUT);
      left -= 1;
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  try {
    await work(db.withPlugin(cutter));
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.message !== POWER_CUT) throw error;
    return false;
  }
}

async function appliedMigrations({ db }: Database): Promise<unknown[]> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** Tables, columns and indexes, as the database itself describes them. */
async function schemaOf({ db, kind }: Database): Promise<unknown[]> {
  const description =
    kind === 'sqlite'
      ? sql`select name, sql from sqlite_master order by name`
      : sql`select 'column', table_name as 'table', column_name as 'name', column_type as 'type', collation_name as 'detail'
            from information_schema.columns where table_schema = database()
            union all
            select 'index', table_name, index_name, seq_in_index, concat(column_name, non_unique)
            from information_schema.statistics where table_schema = database()
            order by 1, 2, 3, 4`;
  const { rows } = await description.execute(db);
  return rows;
}
