/** The phone's storage (IndexedDB): forms, media, drafts, unsent responses, and what is to be corrected. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Draft, Outgoing, StoredForm, StoredMedia, StoredWork, WorkItem } from './types.ts';

interface Schema extends DBSchema {
  forms: { key: [string, number]; value: StoredForm };
  media: { key: [string, number, string]; value: StoredMedia };
  drafts: { key: string; value: Draft };
  outgoing: { key: string; value: Outgoing };
  /** The worklist as it was last read. */
  worklist: { key: string; value: WorkItem };
  work: { key: string; value: StoredWork };
}

const VERSION = 1;

let opened: Promise<IDBPDatabase<Schema>> | undefined;

/** The database; the first call opens it. */
export function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('collect-form-page', VERSION, {
    upgrade(db) {
      db.createObjectStore('forms', { keyPath: ['form_id', 'version'] });
      db.createObjectStore('media', { keyPath: ['form_id', 'version', 'name'] });
      db.createObjectStore('drafts', { keyPath: 'id' });
      db.createObjectStore('outgoing', { keyPath: 'instance_id' });
      db.createObjectStore('worklist', { keyPath: 'response_id' });
      db.createObjectStore('work', { keyPath: 'response_id' });
    },
  });
  return opened;
}

/** The responses that are not sent, in the order in which they are sent. */
export async function outgoingInOrder(): Promise<Outgoing[]> {
  return (await (await database()).getAll('outgoing')).toSorted((a, b) => a.order - b.order);
}

/** Moves answers from the drafts to the unsent responses, in one transaction: they are always in one of the two. */
export async function queue(response: Omit<Outgoing, 'order'>, draftId: string): Promise<void> {
  const transaction = (await database()).transaction(['drafts', 'outgoing'], 'readwrite');
  const outgoing = transaction.objectStore('outgoing');
  const order = Math.max(0, ...(await outgoing.getAll()).map((each) => each.order)) + 1;
  await outgoing.put({ ...response, order });
  await transaction.objectStore('drafts').delete(draftId);
  await transaction.done;
}

/** Turns an unsent response back into a draft. @returns the draft's id */
export async function unqueue({ instance_id: id, ...response }: Outgoing): Promise<string> {
  const { user_id, form_id, version, title, xml, files, corrects } = response;
  const saved_at = new Date().toISOString();
  const transaction = (await database()).transaction(['drafts', 'outgoing'], 'readwrite');
  const draft = { id, user_id, form_id, version, title, xml, files, saved_at, ...(corrects && { corrects }) };
  await transaction.objectStore('drafts').put(draft);
  await transaction.objectStore('outgoing').delete(id);
  await transaction.done;
  return id;
}

/** Replaces the worklist, and forgets the content of responses that are no longer on it. */
export async function keepWorklist(items: readonly WorkItem[]): Promise<void> {
  const transaction = (await database()).transaction(['worklist', 'work'], 'readwrite');
  const list = transaction.objectStore('worklist');
  const work = transaction.objectStore('work');
  const ids = new Set(items.map(({ response_id: id }) => id));
  await list.clear();
  await Promise.all(items.map((item) => list.put(item)));
  const gone = (await work.getAllKeys()).filter((id) => !ids.has(id));
  await Promise.all(gone.map((id) => work.delete(id)));
  await transaction.done;
}
