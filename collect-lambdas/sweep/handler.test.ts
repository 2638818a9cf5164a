import { incoming } from '../../tests/support/responses.ts';
import { hashOf } from '../shared/xform-files.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { ask, claim, emptyTables } from '../../tests/support/exports.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { ERASURE_MARKERS, EXPORT_MARKERS, PUBLISH_MARKER, REJUDGE_MARKERS, snapshotMarker } from '../shared/owed.ts';
import { createHandler } from './handler.ts';

const FORM = 'forms/household_finances/9999999998.json';
const sha256 = (digit: string): string => digit.repeat(64);
const token = (digit: string): string => `tokens/${sha256(digit)}.json`;

describe.each(databaseKinds)('the sweep on %s', (kind) => {
  let proxy: InProcessProxy;
  let store: MemoryStore;
  let logger: RecordingLogger;
  let now: number;
  /** Messages of both queues. */
  let queued: string[];
  let triggerFails: boolean;
  let files: MemoryStore;
  let sweep: () => Promise<void>;

  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    await emptyTables(proxy.database);
    await proxy.database.db.deleteFrom('rejudges').execute();
    await proxy.database.db.deleteFrom('tokens').execute();
    proxy.failWith = undefined;
    proxy.calls.length = 0;
    queued = [];
    triggerFails = false;
    now = Date.now();
    store = new MemoryStore();
    files = new MemoryStore();
    store.now = () => now;
    logger = new RecordingLogger();
    sweep = createHandler({
      dbProxy: proxy,
      store,
      files,
      logger,
      enqueueExport: (id) => Promise.resolve(void queued.push(id)),
      enqueueRejudge: (id) => Promise.resolve(void queued.push(id)),
      triggerDelivery: (id) => Promise.resolve(void queued.push(id)),
      triggerPublish: () => {
        if (triggerFails) return Promise.reject(new Error('The queue is unavailable.'));
        return Promise.resolve(void queued.push('trigger'));
      },
      now: () => now,
    });
  });
  afterAll(() => proxy.stop());

  it('does not query the database while there are no markers', async () => {
    await sweep();

    expect(proxy.calls).toEqual([]);
    expect(store.requests).toEqual(['LIST owed/']);
  });

  it('starts the workers of webhooks whose next delivery is due, without a query', async () => {
    await store.put('owed/webhooks/due', JSON.stringify({ due_at: new Date(now).toISOString() }));
    await store.put('owed/webhooks/later', JSON.stringify({ due_at: new Date(now + 1_000).toISOString() }));
    await store.put('owed/webhooks/broken', '{}');

    await sweep();

    expect(queued).toEqual(['due']);
    expect(proxy.calls).toEqual([]);
    now += 1_000;
    await sweep();
    expect(queued.toSorted()).toEqual(['due', 'due', 'later']);
  });

  it('keeps the markers during an outage of the database and continues with the other work', async () => {
    await store.put(snapshotMarker('restored'), '{}');
    await store.put(EXPORT_MARKERS + crypto.randomUUID(), '{}');
    const markers = store.keys();
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    now += 60_000;
    await sweep();

    expect(proxy.calls.map(({ operation }) => operation)).toEqual(['listForms', 'listStalledExports']);
    expect(store.keys()).toEqual(markers);
  });

  describe('with the marker of an erasure', () => {
    const keysOf = (id: string) => [`responses/${hashOf(id)}/files/a`, `uploads/${hashOf(id)}/b/c`].toSorted();
    /** Does the first steps of an erasure, like a function that dies during it. */
    async function eraseUntilDeath(id: string, deletesRows: boolean): Promise<void> {
      for (const key of keysOf(id)) await files.put(key, '{}');
      await proxy.call('saveResponses', { responses: [incoming({ response_id: id })] });
      await store.put(ERASURE_MARKERS + hashOf(id), JSON.stringify({ response_id: id }));
      if (deletesRows) await proxy.call('eraseResponse', { response_id: id });
    }

    it('removes the files that a dead function has left, and files that came since', async () => {
      await eraseUntilDeath('r1', true);

      await sweep();
      expect(files.keys()).toEqual([]);
      expect(store.keys()).toHaveLength(1);

      await files.put(`uploads/${hashOf('r1')}/late`, '{}');
      now += 60_000;
      await sweep();
      expect(files.keys()).toEqual([]);
      expect(store.keys()).toEqual([]);
    });

    it('removes no file if the response was not erased', async () => {
      await eraseUntilDeath('r2', false);

      await sweep();
      expect(store.keys()).toHaveLength(1);
      now += 60_000;
      await sweep();

      expect(files.keys()).toEqual(keysOf('r2'));
      expect(store.keys()).toEqual([]);
    });

    it('keeps the marker while S3 or the database fails', async () => {
      await eraseUntilDeath('r3', true);
      now += 60_000;
      files.failing = () => true;
      await expect(sweep()).rejects.toThrow('Some pending work');
      files.failing = () => false;
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      await sweep();

      expect(store.keys()).toHaveLength(1);
      expect(files.keys()).toEqual(keysOf('r3'));
    });
  });

  it('triggers the publisher until the queue accepts the trigger, and does the other work', async () => {
    await store.put(PUBLISH_MARKER, '{}');
    await store.put(snapshotMarker('change'), '{}');
    triggerFails = true;
    await expect(sweep()).rejects.toThrow('Some pending work cannot be done.');
    expect(store.keys()).toEqual(expect.arrayContaining([PUBLISH_MARKER, FORM]));

    triggerFails = false;
    await sweep();

    expect(queued).toEqual(['trigger', 'trigger']);
    expect(store.keys('owed/')).toEqual(['owed/snapshot/change']);
  });

  describe('of exports', () => {
    /** Requests an export and leaves its marker. */
    async function request(table?: string): Promise<string> {
      const exportId = await ask(proxy, table === undefined ? {} : { table });
      await store.put(EXPORT_MARKERS + exportId, '{}');
      return exportId;
    }

    async function sweepLater(laterMs: number): Promise<string[]> {
      now += laterMs;
      await sweep();
      return queued;
    }

    it('does not queue an export again that was just queued or is running', async () => {
      await request('flags');
      await claim(proxy, await request());

      expect(await sweepLater(0)).toEqual([]);
      expect(store.keys()).toHaveLength(2);
    });

    it('queues an export again after it has waited for a minute', async () => {
      const exportId = await request();

      expect(await sweepLater(61_000)).toEqual([exportId]);
      expect(store.keys()).toEqual([EXPORT_MARKERS + exportId]);
    });

    it('queues an export again after its worker died', async () => {
      const exportId = await request();
      await claim(proxy, exportId);
      await proxy.database.db.updateTable('exports').set({ held_until: '2020-01-01T00:00:00.000Z' }).execute();

      expect(await sweepLater(0)).toEqual([exportId]);
    });

    it('removes the marker of an export that has ended or was never stored, after a minute', async () => {
      await request();
      await proxy.database.db.updateTable('exports').set({ status: 'failed' }).execute();
      await store.put(EXPORT_MARKERS + crypto.randomUUID(), '{}');
      await store.put(EXPORT_MARKERS + 'no id', '{}');

      await sweepLater(59_999);
      expect(store.keys()).toHaveLength(3);
      await sweepLater(1);
      expect(store.keys()).toEqual([]);
    });
  });

  describe('of re-judges', () => {
    async function request(): Promise<string> {
      const rejudgeId = crypto.randomUUID();
      await proxy.call('requestRejudge', { rejudge_id: rejudgeId, form_id: 'household_finances' });
      await store.put(REJUDGE_MARKERS + rejudgeId, '{}');
      return rejudgeId;
    }

    it('queues a re-judge again that made no progress for three minutes, and keeps its marker', async () => {
      const rejudgeId = await request();
      await proxy.call('claimRejudge', { rejudge_id: rejudgeId, holder: 'worker-1' });

      now += 179_000;
      await sweep();
      expect(queued).toEqual([]);
      now += 2_000;
      await sweep();

      expect(queued).toEqual([rejudgeId]);
      expect(store.keys()).toEqual([REJUDGE_MARKERS + rejudgeId]);
      expect(logger.text).toContain('re-judge queued again');
    });

    it('removes the marker of a re-judge that has ended or was never stored, after a minute', async () => {
      const rejudgeId = await request();
      const held = { rejudge_id: rejudgeId, holder: 'worker-1' };
      await proxy.call('claimRejudge', held);
      await proxy.call('saveJudgements', { ...held, judgements: [], page: { checked: 0, next: null } });
      await store.put(REJUDGE_MARKERS + crypto.randomUUID(), '{}');

      now += 60_000;
      await sweep();

      expect(store.keys()).toEqual([]);
      expect(queued).toEqual([]);
    });
  });

  describe('of the snapshot', () => {
    const leaveSnapshotMarker = () => store.put(snapshotMarker('change'), '{}');

    async function createToken(digit: string): Promise<string> {
      const { token: made } = await proxy.call('createToken', {
        token_id: crypto.randomUUID(),
        prefix: 'clt_12345678',
        sha256: sha256(digit),
        role: 'collector',
        user_id: 'collector-1',
        label: null,
        expires_at: '2030-01-01T00:00:00.000Z',
      });
      return made.token_id;
    }

    it('writes missing objects', async () => {
      await createToken('a');
      await leaveSnapshotMarker();

      await sweep();

      const { form } = await proxy.call('getForm', { form_id: 'household_finances' });
      expect(store.read(FORM)).toEqual(form);
      expect(store.read(token('a'))).toMatchObject({ role: 'collector', user_id: 'collector-1', revoked_at: null });
    });

    it('writes the versions of a form that phones still hold', async () => {
      const definition = { form_id: 'wells', title: 'Wells', questions: [] };
      for (const title of ['One', 'Two', 'Three']) {
        await proxy.call('putForm', { form_id: 'wells', definition: { ...definition, title } });
      }
      await leaveSnapshotMarker();

      await sweep();

      expect(store.keys('forms/wells/').map((key) => store.read(key))).toMatchObject([
        { version: 3, definition: { title: 'Three' } },
        { version: 2, definition: { title: 'Two' } },
        { version: 1, definition: { title: 'One' } },
      ]);
    });

    it('keeps correct objects and removes objects that the database does not have', async () => {
      await createToken('a');
      await leaveSnapshotMarker();
      await sweep();
      const right = [FORM, token('a')];
      await store.put('forms/household_finances/9999999990.json', '{}');
      await store.put('forms/crops/9999999998.json', '{}');
      await store.put('forms/household_finances/backup', '{}');
      await store.put(token('b'), '{}');
      store.requests.length = 0;

      await sweep();

      expect(store.keys().filter((key) => !key.startsWith('owed/'))).toEqual(right);
      expect(store.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
    });

    it('corrects outdated objects: a revoked token, a form from before a restore', async () => {
      const tokenId = await createToken('a');
      await leaveSnapshotMarker();
      await sweep();
      await proxy.call('revokeToken', { token_id: tokenId });
      await store.put(FORM, '{"form_id":"household_finances","version":1}');

      await sweep();

      expect(store.read(token('a'))).toMatchObject({ revoked_at: expect.any(String) });
      expect(store.read(FORM)).toHaveProperty('definition');
    });

    it('does not undo a concurrent write', async () => {
      const tokenId = await createToken('a');
      await leaveSnapshotMarker();
      // The token is revoked after the sweep has read the database and before it writes.
      const put = store.put;
      Object.assign(store, {
        put: async (...parameters: Parameters<typeof put>) => {
          Object.assign(store, { put });
          await proxy.call('revokeToken', { token_id: tokenId });
          await put(token('a'), '{"revoked_at":"2026-09-01T06:00:00.000Z"}');
          return put(...parameters);
        },
      });

      await sweep();

      expect(store.read(token('a'))).toMatchObject({ token_id: tokenId, revoked_at: expect.any(String) });
    });

    it('keeps the marker of a recent change', async () => {
      await leaveSnapshotMarker();

      now += 59_999;
      await sweep();
      expect(store.keys('owed/')).toHaveLength(1);
      now += 1;
      await sweep();
      expect(store.keys('owed/')).toEqual([]);
    });
  });
});
