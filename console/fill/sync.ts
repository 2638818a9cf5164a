/** Keeps the forms and the worklist on the phone as the server has them. */
import { ref, shallowRef } from 'vue';
import { messageOf, NoReplyError } from '../shared/problem.ts';
import * as openRosa from './openrosa.ts';
import { BusyError, RefusedError, SignedOutError } from './openrosa.ts';
import { fileNamesIn } from './instance.ts';
import { whileNoFormIsOpen } from './locks.ts';
import { keepUser } from './session.ts';
import { database, keepWorklist } from './store.ts';
import type { FileToSend, StoredForm, StoredWork, WorkItem } from './types.ts';

/** The forms and the worklist on the phone, as the list of forms shows them. */
export const forms = shallowRef<StoredForm[]>([]);
export const worklist = shallowRef<WorkItem[]>([]);
export const isRefreshing = ref(false);
/** Why the lists could not be refreshed, unless the network or the token was the reason. */
export const problem = ref<string>();

/** Loads the lists from the phone: the forms, each in its newest version, and the worklist. */
export async function loadLists(): Promise<void> {
  const db = await database();
  const listed = (await db.getAll('forms')).filter((form) => form.listed);
  forms.value = listed.filter(
    ({ form_id: id, version }) => !listed.some((other) => other.form_id === id && other.version > version),
  );
  worklist.value = await db.getAll('worklist');
}

let running: Promise<void> | undefined;

/** Fetches new forms and the worklist. Without a network, the data on the phone stay as they are. */
export function refresh(): Promise<void> {
  running ??= refreshAll().finally(() => {
    running = undefined;
  });
  return running;
}

async function refreshAll(): Promise<void> {
  isRefreshing.value = true;
  const refused: string[] = [];
  try {
    await attempt(refused, refreshWorklist);
    await refreshForms(refused);
    await fetchWork(refused);
    problem.value = refused[0];
  } catch (error) {
    if (!(error instanceof NoReplyError || error instanceof SignedOutError)) problem.value = messageOf(error);
  } finally {
    isRefreshing.value = false;
    await loadLists();
  }
}

/** Runs one part of the sync. If the server refuses this part or cannot do it now, the other parts still run. */
async function attempt(refused: string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RefusedError) refused.push(error.message);
    else if (!(error instanceof BusyError)) throw error;
  }
}

/** @throws as `readWorklist` does */
export async function refreshWorklist(): Promise<void> {
  const { user_id: user, items } = await openRosa.readWorklist();
  keepUser(user);
  await keepWorklist(items);
  await loadLists();
}

async function refreshForms(refused: string[]): Promise<void> {
  const listed = await openRosa.listForms();
  for (const each of listed) await attempt(refused, () => refreshForm(each));
  const current = new Set(listed.map(({ form_id: id, version }) => `${id}/${version}`));
  await retire((form) => current.has(`${form.form_id}/${form.version}`));
}

async function refreshForm({ has_media: hasMedia, ...form }: openRosa.ListedForm): Promise<void> {
  const db = await database();
  const known = await db.get('forms', [form.form_id, form.version]);
  if (hasMedia) await refreshMedia(form.form_id, form.version);
  if (known?.hash === form.hash && known.listed) return;
  await db.put('forms', { ...form, xml: await openRosa.readForm(form.form_id, form.version), listed: true });
  await loadLists();
}

async function refreshMedia(formId: string, version: number): Promise<void> {
  const db = await database();
  for (const { name, hash } of await openRosa.listMedia(formId, version)) {
    if ((await db.get('media', [formId, version, name]))?.hash === hash) continue;
    const content = await openRosa.readMedia(formId, version, name);
    await db.put('media', { form_id: formId, version, name, hash, content });
  }
}

/** Takes versions that no longer take responses off the list, and deletes versions that nothing on the phone uses. */
async function retire(isCurrent: (form: StoredForm) => boolean): Promise<void> {
  const db = await database();
  for (const form of await db.getAll('forms')) {
    if (form.listed && !isCurrent(form)) await db.put('forms', { ...form, listed: false });
  }
  // Answers that are being typed are not in a draft yet.
  await whileNoFormIsOpen(forgetUnused);
}

async function forgetUnused(): Promise<void> {
  const db = await database();
  const [drafts, outgoing, work] = await Promise.all([
    db.getAll('drafts'),
    db.getAll('outgoing'),
    db.getAll('worklist'),
  ]);
  const used = new Set([
    ...[...drafts, ...outgoing].map(({ form_id: id, version }) => `${id}/${version}`),
    ...work.map(({ form_id: id, form_version: version }) => `${id}/${version}`),
  ]);
  for (const { form_id: id, version, listed } of await db.getAll('forms')) {
    if (listed || used.has(`${id}/${version}`)) continue;
    await db.delete('forms', [id, version]);
    await db.delete('media', IDBKeyRange.bound([id, version, ''], [id, version, '\uffff']));
  }
}

/**
 * A version of a form, from the phone or else from the server.
 *
 * @throws as `readForm` does
 */
export async function formOf(formId: string, version: number): Promise<StoredForm> {
  const db = await database();
  const known = await db.get('forms', [formId, version]);
  if (known !== undefined) return known;
  const xml = await openRosa.readForm(formId, version);
  await refreshMedia(formId, version);
  const title = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('*', 'title')[0]?.textContent;
  const form = { form_id: formId, version, title: title ?? formId, hash: '', xml, listed: false };
  await db.put('forms', form);
  return form;
}

/** Fetches the answers of responses to correct, so that they open without a network. Files are fetched on opening. */
async function fetchWork(refused: string[]): Promise<void> {
  const db = await database();
  for (const { response_id, revision, form_id, form_version } of await db.getAll('worklist')) {
    const known = await db.get('work', response_id);
    if (known?.revision === revision) continue;
    await attempt(refused, async () => {
      await formOf(form_id, form_version);
      const xml = await openRosa.readSubmission(response_id);
      await db.put('work', { response_id, revision, xml, files: known?.files ?? [] });
    });
  }
}

/**
 * The content of a response to correct: from the phone if it has the revision that the worklist names, else from the
 * server.
 *
 * @returns also the names of its files that neither the phone nor the server has
 * @throws {NoReplyError} without a network, if the phone lacks this revision or a file of it
 */
export async function workOf(item: WorkItem, form: StoredForm): Promise<StoredWork & { missing: Set<string> }> {
  const db = await database();
  const { response_id: id, revision } = item;
  const known = await db.get('work', id);
  const xml = known?.revision === revision ? known.xml : await openRosa.readSubmission(id);
  const files: FileToSend[] = [];
  const missing = new Set<string>();
  for (const name of fileNamesIn(form.xml, xml)) {
    const own = known?.files.find((file) => file.name === name);
    const content = own?.content ?? (await openRosa.readResponseFile(id, name));
    if (content === undefined) missing.add(name);
    else files.push({ name, content, sent: true });
  }
  const work = { response_id: id, revision, xml, files };
  await db.put('work', work);
  return { ...work, missing };
}
