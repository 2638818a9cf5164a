import { databaseKinds } from '../../tests/support/databases.ts';
import { startProxyProcesses } from '../../tests/support/proxy-process.ts';
import { MOST_BIRTHDAYS } from './contract.ts';
import { inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';

describe.each(databaseKinds)('birthdays on %s', (kind) => {
  let proxy: InProcessProxy;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const put = (username: string, date: string) =>
    proxy.call('putBirthday', { username, date_of_birth: date }).then(({ birthday }) => birthday);
  const get = (username: string) => proxy.call('getBirthday', { username }).then(({ birthday }) => birthday);

  test('a stored birthday is returned', async () => {
    await expect(put('Ada', '1815-12-10')).resolves.toEqual({ username: 'Ada', date_of_birth: '1815-12-10' });

    await expect(get('Ada')).resolves.toEqual({ username: 'Ada', date_of_birth: '1815-12-10' });
  });

  test('an unknown name has no birthday', async () => {
    await put('Ada', '1815-12-10');

    await expect(get('Alan')).resolves.toBeNull();
  });

  test('a second put replaces the date, and a put of the same date changes nothing', async () => {
    await put('Ada', '1815-12-10');
    await put('Ada', '1815-12-11');
    await put('Ada', '1815-12-11');

    await expect(get('Ada')).resolves.toMatchObject({ date_of_birth: '1815-12-11' });
    const rows = await proxy.database.db.selectFrom('birthdays').selectAll().execute();
    expect(rows).toHaveLength(1);
  });

  /** Stores `name 0`, `name 1`, ...; the time of `name 5` is null, as an earlier release left it. */
  async function fill(count: number): Promise<void> {
    const rows = Array.from({ length: count }, (_, index) => ({
      username: `name ${index}`,
      date_of_birth: '2000-01-01',
      stored_at: index === 5 ? null : new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    }));
    for (const some of inChunks(rows, ROWS_PER_STATEMENT)) {
      await proxy.database.db.insertInto('birthdays').values(some).execute();
    }
  }

  test('ten thousand are kept; beyond that the oldest are evicted, those without a time first', async () => {
    const { db } = proxy.database;
    await fill(MOST_BIRTHDAYS + 1);

    await put('Ada', '1815-12-10');

    const [all, gone] = [db.selectFrom('birthdays').selectAll(), ['name 5', 'name 0']];
    expect(await all.execute()).toHaveLength(MOST_BIRTHDAYS);
    expect(
      await all
        .where('username', 'in', [...gone, 'name 1', 'Ada'])
        .orderBy('username')
        .execute(),
    ).toMatchObject([{ username: 'Ada' }, { username: 'name 1' }]);
  });

  test('24 concurrent puts into a full table evict 24 birthdays', async () => {
    await fill(MOST_BIRTHDAYS);
    const processes = await startProxyProcesses(4, proxy.url);

    const replies = await Promise.all(
      processes.map((each, process) =>
        each.ask(
          Array.from({ length: 6 }, (_, index) => ({
            operation: 'putBirthday',
            input: { username: `writer ${process} ${index}`, date_of_birth: '2000-01-01' },
          })),
        ),
      ),
    );
    await Promise.all(processes.map((each) => each.stop()));

    expect(replies.flat()).toEqual(Array.from({ length: 24 }, () => expect.objectContaining({ ok: true })));
    const left = await proxy.database.db.selectFrom('birthdays').select('username').execute();
    expect(left).toHaveLength(MOST_BIRTHDAYS);
    expect(left.filter(({ username }) => username.startsWith('writer'))).toHaveLength(24);
  });

  test('names that differ in case, accents or script are different names', async () => {
    const names = ['jose', 'Jose', 'José', 'Жозе', 'ホセ', 'होसे'];
    for (const [index, name] of names.entries()) await put(name, `2000-01-0${index + 1}`);

    const dates = await Promise.all(names.map(async (name) => (await get(name))?.date_of_birth));

    expect(dates).toEqual(names.map((_, index) => `2000-01-0${index + 1}`));
  });

  test('a name may have 64 characters outside the basic multilingual plane', async () => {
    const name = '𐐷'.repeat(64);

    await put(name, '1999-12-31');

    await expect(get(name)).resolves.toEqual({ username: name, date_of_birth: '1999-12-31' });
  });

  test('SQL in a name is stored as text', async () => {
    const name = `x'; drop table birthdays; -- "\\`;
    await put(name, '1999-12-31');

    await expect(get(name)).resolves.toMatchObject({ username: name });
    await expect(get("' or '1'='1")).resolves.toBeNull();
  });

  test('one of 20 concurrent dates of a name is stored', async () => {
    const dates = Array.from({ length: 20 }, (_, index) => `2000-01-${String(index + 1).padStart(2, '0')}`);

    await Promise.all(dates.map((date) => put('Ada', date)));

    expect(dates).toContain((await get('Ada'))?.date_of_birth);
  });

  test.each([
    ['a name that is not NFC', { username: 'Zoe\u0301', date_of_birth: '1999-12-31' }, 'username'],
    ['a name of 65 letters', { username: 'a'.repeat(65), date_of_birth: '1999-12-31' }, 'username'],
    ['no name', { username: '', date_of_birth: '1999-12-31' }, 'username'],
    ['a day that does not exist', { username: 'Ada', date_of_birth: '1999-02-29' }, 'date_of_birth'],
  ])('%s is refused', async (_, input, field) => {
    const reply = await proxy.invoke({ operation: 'putBirthday', input });

    expect(reply).toEqual({
      ok: false,
      error: { code: 'INVALID_REQUEST', message: expect.stringContaining(`at ${field}.`) },
    });
  });
});
