/** Makes the snapshot equal to the database. */
import { createHash } from 'node:crypto';
import type { StoredForm } from '../../db-proxy-lambda/contract.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';
import { inGroups } from '../shared/in-groups.ts';
import { listAll, type ListedObject, type ObjectStore } from '../shared/object-store.ts';
import {
  FORMS,
  formKey,
  formObject,
  readFormKey,
  tokenKey,
  tokenObject,
  TOKENS,
  type SnapshotObject,
} from '../shared/snapshot.ts';

/** Other writers may interfere with a pass. If they do so in every pass, something is wrong. */
const MAX_PASSES = 5;
const TOKENS_A_PAGE = 1_000;
const MAX_PARALLEL_WRITES = 20;

interface Repaired {
  /** Objects written or removed in all passes. */
  changes: number;
  /** Whether the last pass found no difference. This shows that no concurrent write was undone. */
  isComplete: boolean;
}

/**
 * Compares the snapshot with the database and writes what differs, until a pass finds no difference.
 *
 * @throws {DbProxyError | ObjectStoreError} earlier changes stay
 */
export async function repairSnapshot(dbProxy: DbProxy, store: ObjectStore): Promise<Repaired> {
  let changes = 0;
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    const changed = (await repairForms(dbProxy, store)) + (await repairTokens(dbProxy, store));
    changes += changed;
    if (changed === 0) return { changes, isComplete: true };
  }
  return { changes, isComplete: false };
}

/**
 * Writes the newest version of each form and the earlier versions that the snapshot lacks. Removes versions that the
 * database does not have, such as those of deleted forms, or those that a restore lost.
 */
async function repairForms(dbProxy: DbProxy, store: ObjectStore): Promise<number> {
  // List first: every listed object was in the database before the database is read.
  const listed = await listByKey(store, FORMS);
  const { forms } = await dbProxy.call('listForms', {});
  const newest = new Map<string, number>();
  let changes = 0;
  for (const { form_id: formId } of forms) {
    const { form } = await dbProxy.call('getForm', { form_id: formId });
    if (form === null) continue;
    newest.set(formId, form.version);
    changes += await writeIfDifferent(store, formObject(form), listed);
    changes += await writeMissingVersions(dbProxy, store, form, listed);
  }
  const wrong = [...listed.keys()].filter((key) => {
    const read = readFormKey(key);
    return read === undefined || read.version > (newest.get(read.formId) ?? 0);
  });
  return changes + (await removeAll(store, wrong));
}

/** Writes earlier versions: phones hold them, and responses to them arrive during an outage too. */
async function writeMissingVersions(
  dbProxy: DbProxy,
  store: ObjectStore,
  { form_id: formId, version: newest }: StoredForm,
  listed: ReadonlyMap<string, ListedObject>,
): Promise<number> {
  let changes = 0;
  for (let version = 1; version < newest; version += 1) {
    if (listed.has(formKey({ form_id: formId, version }))) continue;
    const { form } = await dbProxy.call('getForm', { form_id: formId, version });
    if (form !== null) changes += await writeIfDifferent(store, formObject(form), listed);
  }
  return changes;
}

/** Writes every token of the database and removes all others. */
async function repairTokens(dbProxy: DbProxy, store: ObjectStore): Promise<number> {
  const listed = await listByKey(store, TOKENS);
  const unknown = new Set(listed.keys());
  let changes = 0;
  let after: string | undefined;
  do {
    const { items, next } = await dbProxy.call('listTokenHashes', { limit: TOKENS_A_PAGE, after });
    for (const { sha256 } of items) unknown.delete(tokenKey(sha256));
    const written = await inGroups(MAX_PARALLEL_WRITES, items, (token) =>
      writeIfDifferent(store, tokenObject(token), listed),
    );
    changes += written.reduce<number>((sum, each) => sum + each, 0);
    after = next ?? undefined;
  } while (after !== undefined);
  return changes + (await removeAll(store, [...unknown]));
}

async function listByKey(store: ObjectStore, prefix: string): Promise<Map<string, ListedObject>> {
  return new Map((await listAll(store, prefix)).map((object) => [object.key, object]));
}

/**
 * Writes an object unless it is up to date. If another writer has changed it meanwhile, the next pass
 * compares it again.
 *
 * @returns 0 if it was up to date, otherwise 1
 */
async function writeIfDifferent(
  store: ObjectStore,
  { key, json }: SnapshotObject,
  listed: ReadonlyMap<string, ListedObject>,
): Promise<0 | 1> {
  const stored = listed.get(key);
  if (stored?.etag === createHash('md5').update(json).digest('hex')) return 0;
  await store.put(key, json, stored === undefined ? 'absent' : { etag: stored.etag });
  return 1;
}

async function removeAll(store: ObjectStore, keys: readonly string[]): Promise<number> {
  await inGroups(MAX_PARALLEL_WRITES, keys, (key) => store.remove(key));
  return keys.length;
}
