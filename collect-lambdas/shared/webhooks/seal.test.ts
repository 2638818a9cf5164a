import { createHmac } from 'node:crypto';
import { MemoryStore } from '../../../tests/support/memory-store.ts';
import { createSeal, SEAL_KEY } from './seal.ts';
import { generateSecret, sign } from './signature.ts';

test('a sealed secret can be opened by every function that has the key, and does not show the secret', async () => {
  const store = new MemoryStore();
  const secret = generateSecret();

  const sealed = await createSeal(store).seal(secret);

  expect(await createSeal(store).open(sealed)).toBe(secret);
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain(secret.slice(6));
  expect(await createSeal(store).seal(secret)).not.toBe(sealed);
});

test('functions that seal the first secrets at the same time use one key', async () => {
  const store = new MemoryStore();

  const sealed = await Promise.all(['a', 'b'].map((secret) => createSeal(store).seal(secret)));

  expect(await Promise.all(sealed.map((each) => createSeal(store).open(each)))).toEqual(['a', 'b']);
});

test('a text that was changed or sealed with another key is refused', async () => {
  const store = new MemoryStore();
  const sealed = await createSeal(store).seal('secret');
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;

  await expect(createSeal(store).open(bytes.toString('base64'))).rejects.toThrow('authenticate');
  await store.remove(SEAL_KEY);
  await expect(createSeal(store).open(sealed)).rejects.toThrow('missing');
});

test('the signature covers the time in seconds and the body', () => {
  const expected = createHmac('sha256', 'whsec_1').update('1788242460.{"a":1}').digest('hex');

  expect(sign('whsec_1', '{"a":1}', 1_788_242_460_999)).toBe(`t=1788242460,v1=${expected}`);
});
