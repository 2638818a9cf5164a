import { databaseKinds } from '../../tests/support/databases.ts';
import { ask, claim, emptyTables } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { createHandler } from './handler.ts';

describe.each(databaseKinds)('the sweep on %s', (kind) => {
  let proxy: InProcessProxy;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => emptyTables(proxy.database));
  afterAll(() => proxy.stop());

  /** The exports that are queued again, by a sweep that comes so much later. */
  async function sweep(laterMs = 0): Promise<string[]> {
    const queued: string[] = [];
    const enqueue = (message: { export_id: string }) => Promise.resolve(void queued.push(message.export_id));
    const now = () => Date.now() + laterMs;
    await createHandler({ dbProxy: proxy, enqueue, logger: new RecordingLogger(), now })();
    return queued;
  }

  it('leaves what was queued just now, and what somebody runs', async () => {
    await ask(proxy, { table: 'flags' });
    await claim(proxy, await ask(proxy));

    expect(await sweep()).toEqual([]);
  });

  it('queues again what has been queued for more than a minute', async () => {
    const exportId = await ask(proxy);

    expect(await sweep(61_000)).toEqual([exportId]);
  });

  it('queues again what nobody runs any more', async () => {
    const exportId = await ask(proxy);
    await claim(proxy, exportId);
    await proxy.database.db.updateTable('exports').set({ held_until: '2020-01-01T00:00:00.000Z' }).execute();

    expect(await sweep()).toEqual([exportId]);
  });
});
