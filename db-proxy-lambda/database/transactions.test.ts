import type { Database, DatabaseErrorKind } from './database.ts';
import { openDatabase } from './open-database.ts';
import { withLiveConnection, withRetries } from './transactions.ts';

/** The number of tries if the first ones fail with these errors. */
async function triesOf(
  retry: (database: Database, work: () => Promise<void>) => Promise<void>,
  kinds: DatabaseErrorKind[],
): Promise<number> {
  const database = openDatabase('sqlite::memory:');
  let tries = 0;
  const failing: Database = { ...database, errorKind: () => kinds[tries - 1] ?? 'INTERNAL' };
  const work = (): Promise<void> => {
    tries += 1;
    return tries <= kinds.length ? Promise.reject(new Error('No.')) : Promise.resolve();
  };
  await retry(failing, work).catch(() => undefined);
  await database.close();
  return tries;
}

test.each([
  [['DATABASE_BUSY', 'DUPLICATE_KEY'], 3],
  [['DATABASE_UNAVAILABLE'], 1],
  [['DATABASE_FULL'], 1],
  [['INTERNAL'], 1],
] as const)(
  'after the errors %j, the number of tries is %d: only a busy database and duplicate keys cause a retry',
  async (kinds, tries) => {
    expect(await triesOf(withRetries, [...kinds])).toBe(tries);
  },
);

test('a dead connection is replaced immediately, at most once per connection of the pool', async () => {
  expect(await triesOf(withLiveConnection, ['CONNECTION_LOST', 'CONNECTION_LOST'])).toBe(3);
  expect(
    await triesOf(
      withLiveConnection,
      Array.from({ length: 5 }, () => 'CONNECTION_LOST' as const),
    ),
  ).toBe(3);
});
