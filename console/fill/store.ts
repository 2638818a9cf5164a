/** The phone's storage (IndexedDB): forms, media, drafts, unsent responses, and responses to correct. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { messageOf } from '../shared/problem.ts';
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
    // The browser closed the database, for example because the page's data was deleted. The next call opens it again.
    terminated() {
      opened = undefined;
    },
  });
  return opened;
}

/** The responses that are not sent, in the order in which they are sent. */
export async function outgoingInOrder(): Promise<Outgoing[]> {
  return (await (await database()).getAll('outgoing')).toSorted((a, b) => a.order - b.order);
}

/**
 * Writes what a collector filled in.
 *
 * @throws {Error} with what the collector can do, if the phone cannot keep the data
 */
async function keep(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
    const why = isFull
      ? 'The phone has no space left. Delete pictures or apps'
      : `${messageOf(error)}. Free some space`;
    throw new Error(`This cannot be kept on the phone. ${why}, leave this page open, then try again.`, {
      cause: error,
    });
  }
}

/** @throws {Error} with what the collector can do, if the phone cannot keep the draft */
export async function keepDraft(draft: Draft): Promise<void> {
  await keep(async () => (await database()).put('drafts', draft));
}

/**
 * Moves answers from the drafts to the unsent responses, in one transaction, so that they are always in one of the two
 * stores.
 *
 * @throws {Error} with what the collector can do, if the phone cannot keep the answers
 */
export async function queue(response: Omit<Outgoing, 'order'>, draftId: string): Promise<void> {
  await keep(() => moveToOutgoing(response, draftId));
}

async function moveToOutgoing(response: Omit<Outgoing, 'order'>, draftId: string): Promise<void> {
  const transaction = (await database()).transaction(['drafts', 'outgoing'], 'readwrite');
  const outgoing = transaction.objectStore('outgoing');
  const order = Math.max(0, ...(await outgoing.getAll()).map((each) => each.order)) + 1;
  await outgoing.put({ ...response, order });
  await transaction.objectStore('drafts').delete(draftId);
  await transaction.done;
}

/** The id of the draft that corrects a response. There is only one, so two tabs do not correct the same response. */
export function correctionId(responseId: string): string {
  return `correction ${responseId}`;
}

/**
 * Turns a refused response back into a draft.
 *
 * @returns the draft's id; undefined if another tab has sent or changed the response meanwhile
 */
export async function unqueue(instanceId: string): Promise<string | undefined> {
  const transaction = (await database()).transaction(['drafts', 'outgoing'], 'readwrite');
  const outgoing = transaction.objectStore('outgoing');
  const response = await outgoing.get(instanceId);
  if (response?.refused === undefined) return undefined;
  const { instance_id, response_id, order: _order, queued_at: saved_at, refused: _refused, ...filledIn } = response;
  const id = filledIn.corrects === undefined ? instance_id : correctionId(response_id);
  await transaction.objectStore('drafts').put({ ...filledIn, id, saved_at });
  await outgoing.delete(instanceId);
  await transaction.done;
  return id;
}

/** Queues a refused response again, unless another tab has sent it or turned it into a draft meanwhile. */
export async function requeue(instanceId: string): Promise<void> {
  const transaction = (await database()).transaction('outgoing', 'readwrite');
  const response = await transaction.store.get(instanceId);
  if (response !== undefined) {
    const { refused: _reason, ...again } = response;
    await transaction.store.put(again);
  }
  await transaction.done;
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
