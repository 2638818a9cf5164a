/** Reads objects of any size in constant memory. */
import { createHash } from 'node:crypto';
import type { FileStore } from './file-store.ts';

/** Bytes per request. */
const PART_BYTES = 8 * 1024 * 1024;
const START_BYTES = 512;

/** Facts about the content of a whole object. */
export interface Content {
  bytes: number;
  /** In hexadecimal digits. */
  sha256: string;
  /** Its first bytes, at most 512. */
  start: Uint8Array;
}

/** The parts of an object, in order; none if there is no such object. */
export async function* partsOf(
  files: Pick<FileStore, 'getPart'>,
  key: string,
  partBytes: number = PART_BYTES,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let from = 0; ; from += partBytes) {
    const part = await files.getPart(key, from, partBytes);
    if (part === undefined) return;
    yield part;
    if (part.byteLength < partBytes) return;
  }
}

/** Reads an object. @returns undefined if there is no such object */
export async function readThrough(files: Pick<FileStore, 'getPart'>, key: string): Promise<Content | undefined> {
  const digest = createHash('sha256');
  let start: Uint8Array | undefined;
  let bytes = 0;
  for await (const part of partsOf(files, key)) {
    start ??= part.slice(0, START_BYTES);
    digest.update(part);
    bytes += part.byteLength;
  }
  return start && { bytes, sha256: digest.digest('hex'), start };
}
