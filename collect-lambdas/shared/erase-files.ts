/** Removes the files and the submissions of an erased response. */
import { prefixesOf } from './attachment-keys.ts';
import { removePrefix } from './file-store.ts';
import type { ObjectStore } from './object-store.ts';
import { putInstance, readInstance } from './submissions/instance.ts';

/**
 * The claim of the first submission stays, so that a retry is refused.
 *
 * @throws {ObjectStoreError} some files may be left; another call removes them
 */
export async function eraseFiles(files: ObjectStore, responseId: string): Promise<void> {
  const first = await readInstance(files, responseId);
  if (first?.submission !== undefined) {
    const { submission: _submission, ...claim } = first;
    await putInstance(files, claim);
  }
  for (const prefix of prefixesOf(responseId)) await removePrefix(files, prefix);
}
