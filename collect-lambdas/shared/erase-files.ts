/** Erases the files and the submissions of a response. */
import { prefixesOf } from './attachment-keys.ts';
import { removePrefix } from './file-store.ts';
import { listAll, type ObjectStore } from './object-store.ts';
import { eraseSubmission, readInstanceAt } from './submissions/instance.ts';
import { correctionsPrefix, instanceKey, instanceKeyOf, ownResponseId, responsePrefix } from './submissions/keys.ts';

/**
 * Removes the files and the answers of an erased response. The claims of the submissions stay, so that a retry is
 * refused.
 *
 * @throws {ObjectStoreError} some files may be left; another call removes them
 */
export async function eraseFiles(files: ObjectStore, responseId: string): Promise<void> {
  const prefix = correctionsPrefix(responseId);
  const corrections = (await listAll(files, prefix)).map(({ key }) => instanceKeyOf(key.slice(prefix.length)));
  for (const key of [instanceKey(responseId), ...corrections]) {
    const instance = await readInstanceAt(files, key);
    if (instance?.response_id !== responseId) continue;
    await eraseSubmission(files, key);
    // A request that died while the correction waited left files here.
    await removePrefix(files, responsePrefix(ownResponseId(instance.instance_id)));
  }
  for (const each of prefixesOf(responseId)) await removePrefix(files, each);
}
