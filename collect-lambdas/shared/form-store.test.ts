import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { DbProxyError, type DbProxy } from './db-proxy-client.ts';
import { createFormStore } from './form-store.ts';
import { createSnapshot, formObject } from './snapshot.ts';

/** A fake proxy with one form: it records calls and fails on demand. */
function fakeProxy() {
  const proxy = {
    asked: [] as string[],
    version: 1,
    failing: false,
    definition: {
      form_id: 'crops',
      title: 'Crops',
      questions: [{ key: 'bags', column: 'bags', type: 'integer' }],
    } as Record<string, unknown>,
    call: ((operation: string, input: { form_id: string }) => {
      proxy.asked.push(`${operation} ${input.form_id}`);
      if (proxy.failing) return Promise.reject(new DbProxyError('DATABASE_UNAVAILABLE'));
      const { version, definition } = proxy;
      const form = { form_id: 'crops', version, definition, created_at: '2026-09-01T06:00:00.000Z' };
      return Promise.resolve({ form: input.form_id === 'crops' ? form : null });
    }) as DbProxy['call'],
  };
  return proxy;
}

function storeOf(proxy: DbProxy) {
  const clock = { now: 1_000 };
  const logger = new RecordingLogger();
  const objects = new MemoryStore();
  const store = createFormStore(proxy, createSnapshot(objects), logger, () => clock.now);
  return { clock, logger, objects, store };
}

test('a form is fetched once and cached for half a minute', async () => {
  const proxy = fakeProxy();
  const { clock, store } = storeOf(proxy);

  const first = await store.get('crops');
  clock.now += 29_999;
  const second = await store.get('crops');

  expect(first).toMatchObject({ form_id: 'crops', version: 1 });
  expect(second).toBe(first);
  expect(proxy.asked).toEqual(['getForm crops']);
});

test('a new version is used after half a minute', async () => {
  const proxy = fakeProxy();
  const { clock, store } = storeOf(proxy);
  await store.get('crops');
  proxy.version = 2;

  clock.now += 29_999;
  const before = await store.get('crops');
  clock.now += 1;
  const after = await store.get('crops');

  expect(before?.version).toBe(1);
  expect(after?.version).toBe(2);
});

test('a version is compiled once, however often it is fetched', async () => {
  const proxy = fakeProxy();
  const { clock, store } = storeOf(proxy);
  const first = await store.get('crops');

  for (let minute = 0; minute < 5; minute += 1) {
    clock.now += 60_000;
    expect(await store.get('crops')).toBe(first);
  }

  expect(proxy.asked).toHaveLength(6);
});

test('a missing form is not cached', async () => {
  const proxy = fakeProxy();
  const { store } = storeOf(proxy);

  expect(await store.get('wells')).toBeUndefined();
  expect(await store.get('wells')).toBeUndefined();

  expect(proxy.asked).toEqual(['getForm wells', 'getForm wells']);
});

test.each(['Crops', 'crops-2', '', '__proto__', 'a'.repeat(64), 'crops '])(
  'a malformed id such as %j is not looked up',
  async (formId) => {
    const proxy = fakeProxy();
    const { store } = storeOf(proxy);

    expect(await store.get(formId)).toBeUndefined();
    expect(proxy.asked).toEqual([]);
  },
);

test('a failure is not cached: the next request calls the proxy again', async () => {
  const proxy = fakeProxy();
  const { store } = storeOf(proxy);
  proxy.failing = true;
  await expect(store.get('crops')).rejects.toThrow(DbProxyError);
  proxy.failing = false;

  expect(await store.get('crops')).toMatchObject({ version: 1 });
});

test('during an outage the cached version is used, and the proxy is called every ten seconds', async () => {
  const proxy = fakeProxy();
  const { clock, logger, store } = storeOf(proxy);
  const first = await store.get('crops');
  proxy.failing = true;
  proxy.version = 2;

  clock.now += 30_000;
  const during = [await store.get('crops'), await store.get('crops')];
  clock.now += 10_000;
  proxy.failing = false;
  const after = await store.get('crops');

  expect(during).toEqual([first, first]);
  expect(after?.version).toBe(2);
  expect(proxy.asked).toHaveLength(3);
  expect(logger.lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 'WARN', message: 'form not refreshed', formId: 'crops', version: 1, code: 'DATABASE_UNAVAILABLE' },
  ]);
});

test('during an outage a form that is not cached comes from the snapshot, and is cached', async () => {
  const proxy = fakeProxy();
  const { clock, objects, store } = storeOf(proxy);
  for (const version of [9, 10, 2]) {
    const form = { form_id: 'crops', version, definition: proxy.definition, created_at: '2026-09-01T06:00:00.000Z' };
    await objects.keep(formObject(form));
  }
  proxy.failing = true;
  objects.requests.length = 0;

  const first = await store.get('crops');
  clock.now += 9_999;
  const second = await store.get('crops');
  clock.now += 1;
  const third = await store.get('crops');

  expect(first).toMatchObject({ form_id: 'crops', version: 10 });
  expect(second).toBe(first);
  expect(third).toBe(first);
  // Two reads of the snapshot, each with one listing and one download.
  expect(objects.requests).toHaveLength(4);
  await expect(store.get('wells')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('during an outage a newer version in the snapshot replaces the cached one', async () => {
  const proxy = fakeProxy();
  const { clock, objects, store } = storeOf(proxy);
  await store.get('crops');
  const form = { form_id: 'crops', version: 2, definition: proxy.definition, created_at: '2026-09-01T06:00:00.000Z' };
  await objects.keep(formObject(form));
  proxy.failing = true;
  clock.now += 30_000;

  expect(await store.get('crops')).toMatchObject({ version: 2 });
});

test.each([
  ['cannot be read', { failing: () => true }],
  ['holds no form', { failing: () => false }],
])('the proxy’s failure is thrown if the snapshot %s', async (_what, fault) => {
  const proxy = fakeProxy();
  const { logger, objects, store } = storeOf(proxy);
  await objects.put('forms/crops/9999999998.json', '{"form_id":"crops","version":"Secret"}');
  Object.assign(objects, fault);
  proxy.failing = true;

  await expect(store.get('crops')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(logger.text).toContain('snapshot not read');
  expect(logger.text).not.toContain('Secret');
});

test('after a permanent failure of the proxy the cached version is not used', async () => {
  const proxy = fakeProxy();
  const { clock, store } = storeOf(proxy);
  await store.get('crops');
  proxy.call = () => Promise.reject(new DbProxyError('INTERNAL'));
  clock.now += 30_000;

  await expect(store.get('crops')).rejects.toMatchObject({ code: 'INTERNAL' });
});

test('an unreadable stored definition causes an error that names the form and quotes nothing from it', async () => {
  const proxy = fakeProxy();
  proxy.definition = { title: 'Secret title' };
  const { store } = storeOf(proxy);

  await expect(store.get('crops')).rejects.toThrow('Version 1 of the form crops cannot be read.');
});
