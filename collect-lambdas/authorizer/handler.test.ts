import type { Role } from '../../db-proxy-lambda/contract.ts';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { createSnapshot, tokenObject } from '../shared/snapshot.ts';
import { fingerprintOf, generateToken } from '../shared/token.ts';
import { createHandler } from './handler.ts';

const IN_A_YEAR = new Date(Date.now() + 31_536_000_000).toISOString();

describe.each(databaseKinds)('the authorizer on %s', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  /** The bucket with the snapshot. */
  let store: MemoryStore;
  let now: number;
  let ask: (authorization?: string) => ReturnType<ReturnType<typeof createHandler>>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    logger = new RecordingLogger();
    now = Date.now();
    store = new MemoryStore();
    const handler = createHandler({
      dbProxy: proxy,
      findToken: createSnapshot(store).findToken,
      logger,
      now: () => now,
    });
    ask = (authorization) => handler({ headers: authorization === undefined ? {} : { authorization } });
  });
  afterEach(() => proxy.stop());

  async function makeToken(
    role: Role,
    userId: string | null = null,
    tokenId: string = crypto.randomUUID(),
  ): Promise<string> {
    const token = generateToken();
    const input = { ...fingerprintOf(token), role, user_id: userId, label: null, expires_at: IN_A_YEAR };
    await proxy.call('createToken', { token_id: tokenId, ...input });
    return token;
  }

  test('returns the role, user_id and id of a valid token', async () => {
    const [first, second, third] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const manager = await makeToken('manager', null, first);
    const collector = await makeToken('collector', 'collector-7', second);
    const device = await makeToken('device', 'collector-7', third);

    expect(await ask(`Bearer ${manager}`)).toEqual({
      isAuthorized: true,
      context: { role: 'manager', token_id: first },
    });
    expect(await ask(`bearer  ${collector}`)).toEqual({
      isAuthorized: true,
      context: { role: 'collector', user_id: 'collector-7', token_id: second },
    });
    expect(await ask(`Bearer ${device}`)).toEqual({
      isAuthorized: true,
      context: { role: 'device', user_id: 'collector-7', token_id: third },
    });
  });

  test.each([
    ['a request without the header', undefined],
    ['another scheme', 'Basic Y29sbGVjdDpjb2xsZWN0'],
    ['no token', 'Bearer '],
    ['two tokens', 'Bearer one two'],
    ['characters that no token has', "Bearer ' or 1=1 --"],
    ['a token that is too long', `Bearer ${'a'.repeat(600)}`],
    ['an unknown token', `Bearer ${generateToken()}`],
  ])('refuses %s, and passes on the reason', async (_what, header) => {
    expect(await ask(header)).toEqual({ isAuthorized: true, context: { refused: expect.stringMatching(/\.$/) } });
  });

  test('refuses a revoked token from its next check on', async () => {
    const token = await makeToken('manager');
    await ask(`Bearer ${token}`);
    const { items } = await proxy.call('listTokens', { limit: 1 });
    await proxy.call('revokeToken', { token_id: items[0]?.token_id ?? '' });

    expect(await ask(`Bearer ${token}`)).toMatchObject({ context: { refused: 'This token was revoked.' } });
  });

  describe('while the proxy is unavailable', () => {
    /** Stores a token in the database and in the snapshot. */
    async function storeInBoth(role: 'collector' | 'manager', userId: string | null = null): Promise<string> {
      const token = await makeToken(role, userId);
      const { items } = await proxy.call('listTokenHashes', { limit: 10 });
      for (const each of items) await store.keep(tokenObject(each));
      return token;
    }

    test.each(['DATABASE_UNAVAILABLE', 'PROXY_UNREACHABLE', 'INTERNAL'] as const)(
      'finds a valid token in the snapshot (%s)',
      async (code) => {
        const token = await storeInBoth('collector', 'collector-7');
        proxy.failWith = code;

        expect(await ask(`Bearer ${token}`)).toEqual({
          isAuthorized: true,
          context: { role: 'collector', user_id: 'collector-7', token_id: expect.any(String) as string },
        });
        expect(logger.text).not.toContain(token);
      },
    );

    test('refuses a cached token that was revoked meanwhile, and an expired token', async () => {
      const token = await storeInBoth('manager');
      await ask(`Bearer ${token}`);
      const { items } = await proxy.call('listTokens', { limit: 1 });
      const revoked = await proxy.call('revokeToken', { token_id: items[0]?.token_id ?? '' });
      if (revoked.outcome === 'revoked') await store.keep(tokenObject(revoked.token));
      const expiring = await storeInBoth('manager');
      proxy.failWith = 'DATABASE_UNAVAILABLE';

      expect(await ask(`Bearer ${token}`)).toMatchObject({ context: { refused: 'This token was revoked.' } });
      now = Date.parse(IN_A_YEAR);
      expect(await ask(`Bearer ${expiring}`)).toMatchObject({ context: { refused: 'This token has expired.' } });
    });

    test('accepts a cached token for an hour if the snapshot lacks the token or is unavailable', async () => {
      const token = await makeToken('collector', 'collector-7');
      await ask(`Bearer ${token}`);
      proxy.failWith = 'DATABASE_UNAVAILABLE';

      expect(await ask(`Bearer ${token}`)).toMatchObject({ context: { user_id: 'collector-7' } });
      store.failing = () => true;
      expect(await ask(`Bearer ${token}`)).toMatchObject({ context: { user_id: 'collector-7' } });
      now += 3_600_001;
      expect(await ask(`Bearer ${token}`)).toEqual({ isAuthorized: true, context: { unavailable: 'true' } });
    });

    test.each([
      ['does not have the token', { failing: () => false }],
      ['cannot be read', { failing: () => true }],
    ])('tells the function that the token could not be checked, if the snapshot %s', async (_what, fault) => {
      const token = await makeToken('manager');
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      Object.assign(store, fault);

      expect(await ask(`Bearer ${token}`)).toEqual({ isAuthorized: true, context: { unavailable: 'true' } });
      await store.put(`tokens/${fingerprintOf(token).sha256}.json`, '{"role":"admin"}').catch(() => undefined);
      expect(await ask(`Bearer ${token}`)).toEqual({ isAuthorized: true, context: { unavailable: 'true' } });
    });
  });
});
