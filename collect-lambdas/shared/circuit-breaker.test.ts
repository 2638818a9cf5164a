import { createCircuitBreaker } from './circuit-breaker.ts';
import { DbProxyError, type DbProxy } from './db-proxy-client.ts';

/** A fake proxy behind a breaker: it records calls and fails on demand. */
function setUp() {
  const proxy = {
    asked: [] as string[],
    signals: [] as (AbortSignal | undefined)[],
    failWith: undefined as DbProxyError['code'] | undefined,
  };
  const call = ((operation: string, _input: unknown, signal?: AbortSignal) => {
    proxy.asked.push(operation);
    proxy.signals.push(signal);
    return proxy.failWith === undefined ? Promise.resolve({}) : Promise.reject(new DbProxyError(proxy.failWith));
  }) as DbProxy['call'];
  const clock = { now: 1_000 };
  const breaker = createCircuitBreaker({ call }, () => clock.now);
  return { proxy, clock, ask: () => breaker.call('listForms', {}), ping: () => breaker.call('ping', {}) };
}

test.each(['PROXY_UNREACHABLE', 'DATABASE_UNAVAILABLE', 'DATABASE_FULL'] as const)(
  'after %s every call fails immediately with the same code, for five seconds',
  async (code) => {
    const { proxy, clock, ask } = setUp();
    proxy.failWith = code;
    await expect(ask()).rejects.toMatchObject({ code });
    proxy.failWith = undefined;

    clock.now += 4_999;
    await expect(ask()).rejects.toMatchObject({ code, retryable: true });

    expect(proxy.asked).toEqual(['listForms']);
  },
);

test('after five seconds the proxy is pinged, for at most 400 ms; the call follows if the ping succeeds', async () => {
  const { proxy, clock, ask } = setUp();
  proxy.failWith = 'DATABASE_UNAVAILABLE';
  await expect(ask()).rejects.toThrow(DbProxyError);
  clock.now += 5_000;
  await expect(ask()).rejects.toThrow(DbProxyError);
  await expect(ask()).rejects.toThrow(DbProxyError);
  proxy.failWith = undefined;
  clock.now += 5_000;
  await ask();
  await ask();

  expect(proxy.asked).toEqual(['listForms', 'ping', 'ping', 'listForms', 'listForms']);
  expect(proxy.signals.map((signal) => signal === undefined)).toEqual([true, false, false, true, true]);
});

test.each(['DATABASE_BUSY', 'INTERNAL', 'INVALID_REQUEST'] as const)(
  'after %s the breaker stays closed',
  async (code) => {
    const { proxy, ask } = setUp();
    proxy.failWith = code;
    await expect(ask()).rejects.toMatchObject({ code });
    proxy.failWith = undefined;
    await ask();

    expect(proxy.asked).toEqual(['listForms', 'listForms']);
  },
);

test('a ping is always sent, so that a health check is current', async () => {
  const { proxy, ask, ping } = setUp();
  proxy.failWith = 'PROXY_UNREACHABLE';
  await expect(ask()).rejects.toThrow(DbProxyError);
  await expect(ping()).rejects.toThrow(DbProxyError);
  proxy.failWith = undefined;
  await ping();
  await ask();

  expect(proxy.asked).toEqual(['listForms', 'ping', 'ping', 'listForms']);
});
