import { createHash } from 'node:crypto';
import { ObjectStore } from '../../tests/support/exports.ts';
import { PART_BYTES, startUpload } from './upload.ts';

describe('an upload', () => {
  let store: ObjectStore;

  beforeAll(async () => {
    store = await ObjectStore.start();
  });
  afterEach(() => {
    store.onCommand = () => undefined;
  });
  afterAll(() => store.stop());

  const start = (key: string) => startUpload(store.s3, store.bucket, key, 'text/csv; charset=utf-8');

  it('is, byte by byte, what was written, however it was cut', async () => {
    const upload = await start('whole');
    // Pieces that end anywhere in a part, and characters of one to four bytes at its borders.
    const pieces = Array.from({ length: 60 }, (_, index) => `${index}aé数😀`.repeat(30_000 + index * 7));

    for (const piece of pieces) await upload.write(piece);
    const object = await upload.complete();

    const expected = Buffer.from(pieces.join(''));
    const stored = await store.read('whole');
    expect(expected.length).toBeGreaterThan(3 * PART_BYTES);
    expect(stored.equals(expected)).toBe(true);
    expect(object).toEqual({ bytes: expected.length, sha256: createHash('sha256').update(expected).digest('hex') });
  });

  it('takes a piece that is larger than several parts', async () => {
    const upload = await start('large');
    const piece = 'ab'.repeat(2 * PART_BYTES);

    await upload.write(piece);
    const { bytes } = await upload.complete();

    expect(bytes).toBe(piece.length);
    expect((await store.read('large')).toString() === piece).toBe(true);
  });

  it('of nothing is an empty object', async () => {
    const upload = await start('empty');

    await upload.complete();

    expect(await store.read('empty')).toHaveLength(0);
  });

  it('is not there before it is complete', async () => {
    const upload = await start('early');

    await upload.write('x'.repeat(PART_BYTES * 2));

    expect(await store.keys()).not.toContain('early');
    await upload.abort();
    expect(await store.keys()).not.toContain('early');
  });

  it('passes on what made a part fail', async () => {
    const upload = await start('failing');
    store.onCommand = (name) => {
      if (name === 'UploadPartCommand') throw new Error('S3 has a bad day.');
    };

    const end = upload.write('x'.repeat(PART_BYTES * 2)).then(() => upload.complete());

    await expect(end).rejects.toThrow('S3 has a bad day.');
  });
});
