/** Keeps the forms and the worklist on the phone as the server has them. */
import { ref, shallowRef } from 'vue';
import { messageOf, NoReplyError } from '../shared/problem.ts';
import * as door from './door.ts';
import { fileNamesIn } from './instance.ts';
import { keepUser } from './session.ts';
import { database, keepWorklist } from './store.ts';
import type { FileToSend, StoredForm, StoredWork, WorkItem } from './types.ts';

/** What is on the phone, for the list. */
export const forms = shallowRef<StoredForm[]>([]);
export const worklist = shallowRef<WorkItem[]>([]);
export const isRefreshing = ref(false);
/** Why the lists could not be refreshed, other than for the network or the token. */
export const problem = ref<string>();

/** Shows what is on the phone. */
export async function loadLists(): Promise<void> {
  const db = await database();
  forms.value = (await db.getAll('forms')).filter(({ listed }) => listed);
  worklist.value = await db.getAll('worklist');
}

/** Fetches what is new. Without a network, what is on the phone stays as it is. */
export async function refresh(): Promise<void> {
  if (isRefreshing.value) return;
  isRefreshing.value = true;
  try {
    await refreshWorklist();
    await refreshForms();
    await fetchWork();
    problem.value = undefined;
  } catch (error) {
    if (!(error instanceof NoReplyError) && !(await door.noteRefusedToken(error))) problem.value = messageOf(error);
  } finally {
    isRefreshing.value = false;
    await loadLists();
  }
}

/** @throws as `readWorklist` does */
export async function refreshWorklist(): Promise<void> {
  const { user_id: user, items } = await door.readWorklist();
  keepUser(user);
  await keepWorklist(items);
  await loadLists();
}

async function refreshForms(): Promise<void> {
  const db = await database();
  const listed = await door.listForms();
  for (const each of listed) {
    const known = await db.get('forms', [each.form_id, each.version]);
    if (each.has_media) await refreshMedia(each.form_id, each.version);
    if (known?.hash === each.hash && known.listed) continue;
    const { has_media: _media, ...form } = each;
    await db.put('forms', { ...form, xml: await door.readForm(form.form_id, form.version), listed: true });
    await loadLists();
  }
  const current = new Set(listed.map(({ form_id: id, version }) => `${id}/${version}`));
  await retire((form) => current.has(`${form.form_id}/${form.version}`));
}

async function refreshMedia(formId: string, version: number): Promise<void> {
  const db = await database();
  for (const { name, hash } of await door.listMedia(formId, version)) {
    if ((await db.get('media', [formId, version, name]))?.hash === hash) continue;
    const content = await door.readMedia(formId, version, name);
    await db.put('media', { form_id: formId, version, name, hash, content });
  }
}

/** Forgets versions that are no longer listed, except those of drafts, unsent responses and responses to correct. */
async function retire(isCurrent: (form: StoredForm) => boolean): Promise<void> {
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
  for (const form of await db.getAll('forms')) {
    if (isCurrent(form)) continue;
    const { form_id: id, version } = form;
    if (used.has(`${id}/${version}`)) {
      await db.put('forms', { ...form, listed: false });
      continue;
    }
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
  const xml = await door.readForm(formId, version);
  await refreshMedia(formId, version);
  const title = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('*', 'title')[0]?.textContent;
  const form = { form_id: formId, version, title: title ?? formId, hash: '', xml, listed: false };
  await db.put('forms', form);
  return form;
}

/** Fetches the answers of responses to correct, so that they open without a network. Files come when they are opened. */
async function fetchWork(): Promise<void> {
  const db = await database();
  for (const item of await db.getAll('worklist')) {
    const known = await db.get('work', item.response_id);
    if (known?.revision === item.revision) continue;
    await formOf(item.form_id, item.form_version);
    const xml = await door.readSubmission(item.response_id);
    await db.put('work', { response_id: item.response_id, revision: item.revision, xml, files: known?.files ?? [] });
  }
}

/**
 * The content of a response to correct: of its newest revision, or without a network what is on the phone.
 *
 * @returns also the names of its files that neither the phone nor the server has
 * @throws {NoReplyError} if it is not on the phone
 */
export async function workOf(item: WorkItem, form: StoredForm): Promise<StoredWork & { missing: Set<string> }> {
  const db = await database();
  const { response_id: id, revision } = item;
  const known = await db.get('work', id);
  const xml = known?.revision === revision ? known.xml : await door.readSubmission(id);
  const files: FileToSend[] = [];
  const missing = new Set<string>();
  for (const name of fileNamesIn(form.xml, xml)) {
    const own = known?.files.find((file) => file.name === name);
    const content = own?.content ?? (await door.readResponseFile(id, name));
    if (content === undefined) missing.add(name);
    else files.push({ name, content, sent: true });
  }
  const work = { response_id: id, revision, xml, files };
  await db.put('work', work);
  return { ...work, missing };
}
