/** Writes the attachments of a form's responses as a ZIP file. */
import { hash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { makeZip } from 'client-zip';
import type { FileResult, Input, Result } from '../../db-proxy-lambda/contract.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';
import type { FileStore } from '../shared/file-store.ts';
import { partsOf } from '../shared/read-through.ts';
import { upload } from './upload.ts';

type ListedFile = Result<'listFilesOfForm'>['items'][number];
type Selection = Omit<Input<'listFilesOfForm'>, 'after'>;

interface Sources {
  dbProxy: DbProxy;
  /** The bucket of attachments. */
  files: Pick<FileStore, 'getPart'>;
}

/**
 * Streams a ZIP file to S3 in constant memory: photos and recordings are compressed already, so they are stored as they
 * are. The object appears when it is complete.
 *
 * @param onPart called after each part of a file
 * @returns `rows` is the number of files in it
 */
export async function writeZip(
  { dbProxy, files, s3 }: Sources & { s3: S3Client },
  target: { bucket: string; key: string },
  selection: Selection,
  onPart: () => Promise<void>,
): Promise<FileResult> {
  const { bucket, key } = target;
  let rows = 0;
  const entries = async function* () {
    for await (const file of filesOf(dbProxy, selection)) {
      const parts = partsOf(files, file.object_key);
      // A file without an object was erased after it was listed.
      const first = await parts.next();
      if (first.done === true) continue;
      rows += 1;
      yield { name: pathOf(file), lastModified: new Date(file.created_at), input: from(first.value, parts, onPart) };
    }
  };
  const object = await upload(s3, { Bucket: bucket, Key: key, ContentType: 'application/zip' }, makeZip(entries()));
  return { bucket, key, rows, ...object };
}

async function* filesOf(dbProxy: DbProxy, selection: Selection): AsyncGenerator<ListedFile> {
  let after: number | null = 0;
  while (after !== null) {
    const { items, next }: Result<'listFilesOfForm'> = await dbProxy.call('listFilesOfForm', { ...selection, after });
    yield* items;
    after = next;
  }
}

async function* from(
  first: Uint8Array<ArrayBuffer>,
  others: AsyncIterable<Uint8Array<ArrayBuffer>>,
  onPart: () => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield first;
  await onPart();
  for await (const part of others) {
    yield part;
    await onPart();
  }
}

/**
 * The path of a file in the ZIP: `{response_id}/{name}`. If several files of a response have the same name, all but the
 * first get the start of their hash in their name.
 */
export function pathOf({ response_id: id, name, sha256, copy }: Omit<ListedFile, 'object_key' | 'created_at'>): string {
  const own = copy === 1 ? name : name.replace(/(?=\.[^.]*$)|$/, `-${sha256.slice(0, HASH_LENGTH)}`);
  return `${safe(id)}/${safe(own)}`;
}

const HASH_LENGTH = 8;
/** Characters that Windows, macOS or Linux do not allow in names, and endings that Windows drops. */
const UNSAFE = /[\p{Cc}\\/:*?"<>|]|[. ]$|^\.+$/gu;
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A name that every operating system accepts. A changed name gets a hash, so that different names stay different. */
function safe(name: string): string {
  const changed = name.replaceAll(UNSAFE, '_');
  if (changed === name && !RESERVED.test(name)) return name;
  return `${hash('sha256', name).slice(0, HASH_LENGTH)}-${changed}`;
}
