import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { fingerprintOf, generateToken } from '../shared/token.ts';
import { createHandler } from './handler.ts';

const IN_A_YEAR = new Date(Date.now() + 31_536_000_000).toISOString();

describe.each(databaseKinds)('the authorizer on %s', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  let now: number;
  let ask: (authorization?: string) => ReturnType<ReturnType<typeof createHandler>>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    logger = new RecordingLogger();
    now = Date.now();
    const handler = createHandler({ dbProxy: proxy, logger, now: () => now });
    ask = (authorization) => handler({ headers: authorization === undefined ? {} : { authorization } });
  });
  afterEach(() => proxy.stop());

  async function store(
    role: 'collector' | 'manager' | 'viewer',
    userId: string | null = null,
    tokenId: string = crypto.randomUUID(),
  ): Promise<string> {
    const token = generateToken();
    const input = { ...fingerprintOf(token), role, user_id: userId, label: null, expires_at: IN_A_YEAR };
    await proxy.call('createToken', { token_id: tokenId, ...input });
    return token;
  }

  test('says whose a good token is, and which', async () => {
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const manager = await store('manager', null, first);
    const collector = await store('collector', 'collector-7', second);

    expect(await ask(`Bearer ${manager}`)).toEqual({
      isAuthorized: true,
      context: { role: 'manager', token_id: first },
    });
    expect(await ask(`bearer  ${collector}`)).toEqual({
      isAuthorized: true,
      context: { role: 'collector', user_id: 'collector-7', token_id: second },
    });
  });

  test.each([
    ['nothing', undefined],
    ['another scheme', 'Basic Y29sbGVjdDpjb2xsZWN0'],
    ['no token', 'Bearer '],
    ['two tokens', 'Bearer one two'],
    ['what no token can hold', "Bearer ' or 1=1 --"],
    ['a token that is too long', `Bearer ${'a'.repeat(600)}`],
    ['a token that nobody made', `Bearer ${generateToken()}`],
  ])('refuses %s, and passes on why', async (_what, header) => {
    expect(await ask(header)).toEqual({ isAuthorized: true, context: { refused: expect.stringMatching(/\.$/) } });
  });

  test('refuses a token that was revoked, from its next question on', async () => {
    const token = await store('manager');
    await ask(`Bearer ${token}`);
    const { items } = await proxy.call('listTokens', { limit: 1 });
    await proxy.call('revokeToken', { token_id: items[0]?.token_id ?? '' });

    expect(await ask(`Bearer ${token}`)).toMatchObject({ context: { refused: 'This token was revoked.' } });
  });

  test('goes by what it knows for an hour while the proxy cannot be asked, and for no other token', async () => {
    const token = await store('collector', 'collector-7');
    const other = await store('manager');
    await ask(`Bearer ${token}`);
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    expect(await ask(`Bearer ${token}`)).toMatchObject({ context: { user_id: 'collector-7' } });
    await expect(ask(`Bearer ${other}`)).rejects.toThrow('DATABASE_UNAVAILABLE');
    now += 3_600_001;
    await expect(ask(`Bearer ${token}`)).rejects.toThrow('DATABASE_UNAVAILABLE');
    expect(logger.text).not.toContain(token);
  });
});
