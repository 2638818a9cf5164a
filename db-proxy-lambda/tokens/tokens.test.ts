import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import type { Input } from '../contract.ts';

const IN_A_YEAR = new Date(Date.now() + 31_536_000_000).toISOString();
const sha256 = (digit: string): string => digit.repeat(64);

function newToken(changes: Partial<Input<'createToken'>> = {}): Input<'createToken'> {
  return {
    token_id: randomUUID(),
    prefix: 'clt_12345678',
    sha256: sha256('a'),
    role: 'manager',
    user_id: null,
    label: null,
    expires_at: IN_A_YEAR,
    ...changes,
  };
}

describe.each(databaseKinds)('tokens on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const create = (changes?: Partial<Input<'createToken'>>) => proxy.call('createToken', newToken(changes));
  const check = (digit: string, prefix = 'clt_12345678') => proxy.call('checkToken', { prefix, sha256: sha256(digit) });

  test('a stored token is valid, and returned with its owner', async () => {
    await create({ role: 'collector', user_id: "O'Neil", label: '=cmd()' });

    expect(await check('a')).toMatchObject({
      outcome: 'valid',
      token: { role: 'collector', user_id: "O'Neil", label: '=cmd()' },
    });
  });

  test('a token with only the prefix or only the hash of a stored one is unknown', async () => {
    await create();
    expect(await check('b')).toEqual({ outcome: 'unknown' });
    expect(await check('a', 'clt_other')).toEqual({ outcome: 'unknown' });
  });

  test('two tokens with the same prefix are distinguished by their hashes', async () => {
    await create();
    await create({ sha256: sha256('b'), role: 'viewer' });
    expect(await check('b')).toMatchObject({ outcome: 'valid', token: { role: 'viewer' } });
  });

  test('a token that is stored again stays unchanged', async () => {
    const first = await create();
    const again = await create({ role: 'viewer' });
    expect(first.created).toBe(true);
    expect(again).toEqual({ token: first.token, created: false });
  });

  test('a token that several concurrent calls create is stored once', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => create()));
    expect(new Set(replies.map(({ token }) => token.token_id)).size).toBe(1);
    expect(replies.filter(({ created }) => created)).toHaveLength(1);
  });

  test('a token is expired after its expiry time', async () => {
    await create({ expires_at: '2020-01-01T00:00:00.000Z' });
    expect(await check('a')).toEqual({ outcome: 'expired' });
  });

  test('a token that is revoked twice keeps the first time', async () => {
    const { token } = await create();
    const reply = await proxy.call('revokeToken', { token_id: token.token_id });
    const [revoked] = (await proxy.call('listTokens', { limit: 10 })).items;
    const again = await proxy.call('revokeToken', { token_id: token.token_id });

    expect(reply).toMatchObject({ outcome: 'revoked', token: { sha256: sha256('a'), role: 'manager' } });
    expect(reply).toMatchObject({ token: { revoked_at: revoked?.revoked_at } });
    expect(again).toEqual(reply);

    expect(await check('a')).toEqual({ outcome: 'revoked' });
    expect((await proxy.call('listTokens', { limit: 10 })).items).toEqual([revoked]);
    expect(await proxy.call('revokeToken', { token_id: randomUUID() })).toEqual({ outcome: 'missing' });
  });

  test('the time of the last use is stored at most once a minute', async () => {
    const { token } = await create();
    expect(token.last_used_at).toBeNull();
    await check('a');
    const [used] = (await proxy.call('listTokens', { limit: 10 })).items;
    await check('a');
    const [again] = (await proxy.call('listTokens', { limit: 10 })).items;

    expect(Date.parse(used?.last_used_at ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(again?.last_used_at).toBe(used?.last_used_at);
  });

  test('every token is listed by hash for the snapshot, in pages, with owner and expiry', async () => {
    for (const digit of ['c', 'a', 'b']) await create({ sha256: sha256(digit), role: 'collector', user_id: digit });
    const first = await proxy.call('listTokenHashes', { limit: 2 });
    const second = await proxy.call('listTokenHashes', { limit: 2, after: first.next ?? undefined });

    expect([...first.items, ...second.items]).toEqual(
      ['a', 'b', 'c'].map((digit) => ({
        sha256: sha256(digit),
        token_id: expect.any(String) as string,
        role: 'collector',
        user_id: digit,
        expires_at: IN_A_YEAR,
        revoked_at: null,
      })),
    );
    expect(second.next).toBeNull();
  });

  test('the list is newest first, in complete pages, and shows no hash', async () => {
    for (const digit of ['a', 'b', 'c', 'd', 'e']) await create({ sha256: sha256(digit) });
    const first = await proxy.call('listTokens', { limit: 2 });
    const second = await proxy.call('listTokens', { limit: 2, after: first.next ?? undefined });
    const third = await proxy.call('listTokens', { limit: 2, after: second.next ?? undefined });
    const all = [first, second, third].flatMap(({ items }) => items);

    expect(new Set(all.map((token) => token.token_id)).size).toBe(5);
    expect(third.next).toBeNull();
    expect(all.map((token) => token.created_at)).toEqual(
      all
        .map((token) => token.created_at)
        .toSorted()
        .toReversed(),
    );
    expect(JSON.stringify(all)).not.toContain(sha256('a'));
  });
});
