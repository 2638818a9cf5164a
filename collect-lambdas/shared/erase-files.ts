/** Removes the files of an erased response. */
import { prefixesOf } from './attachment-keys.ts';
import { removePrefix } from './file-store.ts';
import type { ObjectStore } from './object-store.ts';

/** @throws {ObjectStoreError} some files may be left; another call removes them */
export async function eraseFiles(files: Pick<ObjectStore, 'list' | 'remove'>, responseId: string): Promise<void> {
  for (const prefix of prefixesOf(responseId)) await removePrefix(files, prefix);
}
