import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';

/** Lambda's client retries a call that got no reply, even though the first call may have succeeded. */
describe.each(databaseKinds)('A creation that is retried, on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  it.each(['companies', 'people', 'task_statuses'] as const)(
    'creates one entry in %s and returns the same result',
    async (collection) => {
      const input = { creation_key: randomUUID(), collection, values: { name: 'Ama' } };
      const first = await proxy.call('createDirectoryEntry', input);
      expect(first.outcome).toBe('created');
      expect(await proxy.call('createDirectoryEntry', input)).toEqual(first);
      const replies = await Promise.all([1, 2, 3].map(() => proxy.call('createDirectoryEntry', input)));
      expect(replies).toEqual([first, first, first]);
      const rows = await proxy.database.db.selectFrom(collection).where('name', '=', 'Ama').select('id').execute();
      expect(rows).toHaveLength(1);
    },
  );

  it('creates one task and returns the same result', async () => {
    const values = { name: 'Ama' };
    const made = await proxy.call('createDirectoryEntry', { creation_key: randomUUID(), collection: 'people', values });
    const owner_id = made.outcome === 'created' ? made.entry.id : 0;
    const task = { owner_id, company_id: null, status_id: 1, task_date: '2026-09-01', description: 'Call back' };
    const input = { creation_key: randomUUID(), values: task };
    const replies = await Promise.all([1, 2, 3].map(() => proxy.call('createTask', input)));
    expect(replies[0]).toMatchObject({ outcome: 'created', task });
    expect(replies).toEqual([replies[0], replies[0], replies[0]]);
    expect(await proxy.call('createTask', input)).toEqual(replies[0]);
    const another = await proxy.call('createTask', { ...input, creation_key: randomUUID() });
    expect(another).not.toEqual(replies[0]);
  });
});
