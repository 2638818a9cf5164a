import { createHash } from 'node:crypto';
import { ObjectStore } from '../../tests/support/exports.ts';
import { PART_BYTES, upload } from './upload.ts';

describe('an upload', () => {
  let store: ObjectStore;

  beforeAll(async () => {
    store = await ObjectStore.start();
  });
  afterEach(() => {
    store.onCommand = () => undefined;
  });
  afterAll(() => store.stop());

  const send = (key: string, pieces: Iterable<string> | AsyncIterable<string>) => {
    const each = async function* () {
      yield* pieces;
    };
    return upload(store.s3, { Bucket: store.bucket, Key: key, ContentType: 'text/csv; charset=utf-8' }, each());
  };

  it('stores exactly the bytes of the pieces, wherever the parts begin', async () => {
    // Pieces that end anywhere in a part, and characters of one to four bytes at its borders.
    const pieces = Array.from({ length: 60 }, (_, index) => `${index}aé数😀`.repeat(30_000 + index * 7));

    const object = await send('whole', pieces);

    const expected = Buffer.from(pieces.join(''));
    const stored = await store.read('whole');
    expect(expected.length).toBeGreaterThan(3 * PART_BYTES);
    expect(stored.equals(expected)).toBe(true);
    expect(object).toEqual({ bytes: expected.length, sha256: createHash('sha256').update(expected).digest('hex') });
  });

  it('accepts a piece that is larger than several parts', async () => {
    const piece = 'ab'.repeat(2 * PART_BYTES);

    const { bytes } = await send('large', [piece]);

    expect(bytes).toBe(piece.length);
    expect((await store.read('large')).toString() === piece).toBe(true);
  });

  it('without pieces stores an empty object', async () => {
    await send('empty', []);

    expect(await store.read('empty')).toHaveLength(0);
  });

  it('stores the object only when it is complete, and stores nothing if the source of the text fails', async () => {
    const failure = new Error('The table cannot be read.');
    let keys: string[] = [];
    const pieces = async function* () {
      yield 'x'.repeat(PART_BYTES * 3);
      keys = await store.keys();
      throw failure;
    };

    await expect(send('early', pieces())).rejects.toBe(failure);

    expect(keys).not.toContain('early');
    expect(await store.keys()).not.toContain('early');
    expect(store.commands).toContain('AbortMultipartUploadCommand');
  });

  it('fails with the error of a part that fails', async () => {
    store.onCommand = (name) => {
      if (name === 'UploadPartCommand') throw new Error('S3 fails.');
    };

    await expect(send('failing', ['x'.repeat(PART_BYTES * 2)])).rejects.toThrow('S3 fails.');

    expect(store.commands.at(-1)).toBe('AbortMultipartUploadCommand');
  });

  it('fails with the first failure if S3 refuses the abort too', async () => {
    const failure = new Error('The table cannot be read.');
    store.onCommand = (name) => {
      if (name === 'AbortMultipartUploadCommand') throw new Error('S3 refuses the abort.');
    };
    const pieces = async function* () {
      yield 'x'.repeat(PART_BYTES * 3);
      throw failure;
    };

    await expect(send('unaborted', pieces())).rejects.toBe(failure);

    expect(store.commands.at(-1)).toBe('AbortMultipartUploadCommand');
  });
});
