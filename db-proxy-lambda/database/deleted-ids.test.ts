import { createTestDatabase, everyDatabaseKind, type TestDatabase } from '../../tests/support/databases.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';

const AT = '2026-09-01T06:00:00.000Z';
const about = { response_id: 'response-1', revision: 1 };

/** Rows of the tables whose ids are still known elsewhere after the rows were deleted. */
const ROWS = {
  // Receivers recognise a repeated event by its id.
  response_events: { ...about, type: 'accepted', occurred_at: AT },
  // An event of a live sheet has the id of its delivery.
  webhook_deliveries: {
    ...about,
    webhook_id: 'a8098c1a-f86e-41da-bd1a-00112444be1e',
    event_id: 1,
    type: 'accepted',
    form_id: 'household_finances',
    user_id: 'collector-1',
    occurred_at: AT,
    status: 'pending',
    attempts: 0,
    due_at: AT,
    expires_at: AT,
  },
  // A worker that tries again deletes the changes that it wrote.
  live_sheet_changes: { response_id: 'response-1', form_id: 'household_finances' },
} as const;
const TABLES = ['response_events', 'webhook_deliveries', 'live_sheet_changes'] as const;

describe.each(everyDatabaseKind)('ids on %s', (kind) => {
  let testDatabase: TestDatabase;
  let database: Database;
  beforeAll(async () => {
    testDatabase = await createTestDatabase(kind);
    database = openDatabase(testDatabase.url);
  });
  afterAll(async () => {
    await database.close();
    await testDatabase.drop();
  });

  const insert = async (table: (typeof TABLES)[number]) =>
    Number((await database.db.insertInto(table).values(ROWS[table]).executeTakeFirst()).insertId);

  test('of deleted rows are never reused; rows of an earlier release keep their ids', async () => {
    const earlier = Object.entries(migrations).filter(([name]) => name < '0029');
    await migrate(database, { migrations: Object.fromEntries(earlier), contractSteps: {} });
    for (const table of TABLES) expect(await insert(table)).toBe(1);

    await migrate(database);

    for (const table of TABLES) {
      expect(await database.db.selectFrom(table).selectAll().execute()).toMatchObject([{ id: 1, ...ROWS[table] }]);
      await database.db.deleteFrom(table).execute();
      expect(await insert(table)).toBe(2);
    }
  });
});
