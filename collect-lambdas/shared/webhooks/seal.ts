/** Encrypts the secrets of webhooks for the database, which never has the key. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { ObjectStore } from '../object-store.ts';

/** The object in the credentials bucket that holds the key. The first webhook creates it. */
export const SEAL_KEY = 'webhook-key.json';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const storedKey = z.object({ key: z.base64() }).transform(({ key }) => Buffer.from(key, 'base64'));

export interface Seal {
  seal: (secret: string) => Promise<string>;
  /** @throws if the text was sealed with another key, or not by `seal` */
  open: (sealed: string) => Promise<string>;
}

export function createSeal(store: Pick<ObjectStore, 'get' | 'put'>): Seal {
  let known: Buffer | undefined;
  const read = async (): Promise<Buffer | undefined> => {
    const json = await store.get(SEAL_KEY);
    return json === undefined ? undefined : storedKey.parse(JSON.parse(json));
  };
  const readKey = async (): Promise<Buffer> => {
    known ??= await read();
    if (known === undefined) throw new Error('The key of the webhooks’ secrets is missing.');
    return known;
  };
  return {
    async seal(secret) {
      known ??= await read();
      if (known === undefined) {
        // If two functions create the key at the same time, one writes it and both read it.
        await store.put(SEAL_KEY, JSON.stringify({ key: randomBytes(KEY_BYTES).toString('base64') }), 'absent');
      }
      const key = await readKey();
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv);
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64');
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const decipher = createDecipheriv(CIPHER, await readKey(), bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    },
  };
}
