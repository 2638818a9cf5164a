import { createTestDatabase, databaseKinds, type TestDatabase } from '../../tests/support/databases.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { Database } from '../database/database.ts';
import { appliedMigrations, migrate, migrateForDeployment, newestMigration } from '../database/migrate.ts';
import { openDatabase } from '../database/open-database.ts';
import { createDependencies } from '../dependencies.ts';
import { createHandler as createProxy } from '../handler.ts';
import { migrations } from '../database/migrations/index.ts';
import type { Ask } from './dependencies.ts';
import { createHandler } from './handler.ts';

const step = { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'e-1' };
const known = newestMigration();

/** The schema of the next release: it adds a table, a nullable column and an index. */
const nextRelease = {
  migrations: {
    ...migrations,
    '9001-add': async ({ db }: Database) => {
      await db.schema.createTable('new_table').addColumn('id', 'integer').execute();
      await db.schema.alterTable('responses').addColumn('new_column', 'varchar(20)').execute();
      await db.schema.createIndex('new_index').on('responses').column('updated_at').execute();
    },
  },
  contractSteps: {},
};
/** The schema of the release after that. It removes a table that the proxies of this release still need. */
const releaseAfter = {
  migrations: {
    ...nextRelease.migrations,
    '9002-remove': async ({ db }: Database) => db.schema.dropTable('birthdays').execute(),
  },
  contractSteps: { '9002-remove': { needs: '9001-add' } },
};

describe.each(databaseKinds)('a deployment on %s', (kind) => {
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

  test("leaves the previous release's proxy working on the new schema, even from a cold start", async () => {
    await migrate(database);
    expect(await migrateForDeployment(database, known, nextRelease)).toEqual({
      outcome: 'migrated',
      applied: ['9001-add'],
    });

    const dependencies = { ...createDependencies({ DATABASE_URL: testDatabase.url }), logger: new RecordingLogger() };
    const proxy = createProxy(dependencies);
    const response = incoming();
    const replies = [];
    for (const [operation, input] of [
      ['ping', {}],
      ['saveResponses', { responses: [response] }],
      ['getResponse', { response_id: response.response_id }],
      ['listResponses', { limit: 10 }],
      ['listForms', {}],
      ['putBirthday', { username: 'ada', date_of_birth: '1990-01-01' }],
      ['listTables', { count_rows: true }],
    ] as const) {
      replies.push(await proxy({ operation, input }));
    }
    await (await dependencies.database()).close();

    expect(replies.filter((reply) => !reply.ok)).toEqual([]);
    expect(replies).toHaveLength(7);
  });

  test('refuses a contract step while the live version needs what the step removes, and changes nothing', async () => {
    await migrate(database);

    const refused = await migrateForDeployment(database, known, releaseAfter);

    expect(refused).toEqual({ outcome: 'refused', migration: '9002-remove', needs: '9001-add' });
    expect(await appliedMigrations(database)).toEqual(Object.keys(migrations).toSorted());
  });

  test('runs a contract step once the live version no longer needs what the step removes', async () => {
    await migrate(database, nextRelease);

    const outcome = await migrateForDeployment(database, '9001-add', releaseAfter);

    expect(outcome).toEqual({ outcome: 'migrated', applied: ['9002-remove'] });
  });

  test('creates the whole schema of a new installation', async () => {
    expect(await migrateForDeployment(database, known, releaseAfter)).toMatchObject({ outcome: 'migrated' });
    expect(await appliedMigrations(database)).toHaveLength(Object.keys(releaseAfter.migrations).length);
  });
});

describe('the hook', () => {
  function hook(replies: Partial<Record<'describeSchema' | 'migrateSchema' | 'ping', unknown>>) {
    const asked: string[] = [];
    const reports: boolean[] = [];
    const ask = (who: string): Ask =>
      ((operation: 'describeSchema' | 'migrateSchema' | 'ping') => {
        asked.push(`${who} ${operation}`);
        const left = replies[operation];
        const reply = Array.isArray(left) ? left.shift() : left;
        return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
      }) as Ask;
    const handler = createHandler({
      logger: new RecordingLogger(),
      askLive: ask('live'),
      askNew: ask('new'),
      wait: () => Promise.resolve(),
      leaveSnapshotMarker: (deploymentId) => {
        asked.push(`snapshot ${deploymentId}`);
        return Promise.resolve();
      },
      report: (_step, passed) => {
        reports.push(passed);
        return Promise.resolve();
      },
    });
    return { handler, asked, reports };
  }
  const described = { ok: true, result: { known, applied: [] } };
  const migrated = { ok: true, result: { outcome: 'migrated', applied: [] } };
  const failed = { ok: false, error: { code: 'DATABASE_UNAVAILABLE', message: '' } };

  test('asks the live version for its schema, migrates with the new one, leaves a marker for the snapshot, and pings', async () => {
    const { handler, asked, reports } = hook({
      describeSchema: described,
      migrateSchema: migrated,
      ping: { ok: true },
    });

    expect(await handler(step)).toEqual({ passed: true });

    expect(asked).toEqual(['live describeSchema', 'new migrateSchema', 'snapshot d-1', 'new ping']);
    expect(reports).toEqual([true]);
  });

  test('retries while the database wakes up', async () => {
    const { handler } = hook({
      describeSchema: [failed, failed, described],
      migrateSchema: migrated,
      ping: { ok: true },
    });

    expect(await handler(step)).toEqual({ passed: true });
  });

  test.each([
    ['the live version does not answer', { describeSchema: failed }],
    ['the migration fails', { describeSchema: described, migrateSchema: failed }],
    [
      'the migration is refused',
      {
        describeSchema: described,
        migrateSchema: { ok: true, result: { outcome: 'refused', migration: '9002-remove', needs: '9001-add' } },
      },
    ],
    ['the new version does not work', { describeSchema: described, migrateSchema: migrated, ping: failed }],
    ['a version crashes', { describeSchema: new Error('gone') }],
  ])('keeps the live version when %s', async (_what, replies) => {
    const { handler, reports } = hook(replies);

    expect(await handler(step)).toEqual({ passed: false });

    expect(reports).toEqual([false]);
  });
});
