/** The answers with which a form is opened: none, a draft, or a response that came back. */
import type { LocationQuery } from 'vue-router';
import { instanceIdOf, withoutFiles } from './instance.ts';
import type { AnswersLock } from './locks.ts';
import { userId } from './session.ts';
import { correctionId, database } from './store.ts';
import { formOf, forms, loadLists, refresh, workOf, worklist } from './sync.ts';
import type {
  Comment,
  Correcting,
  Draft,
  FilledIn,
  Outgoing,
  Reason,
  Snapshot,
  StoredForm,
  WorkItem,
} from './types.ts';

export interface Source {
  form: StoredForm;
  /** The id of the draft in which changes are saved. */
  draftId: string;
  /** The collector who gives the answers. */
  user_id: string;
  instance?: Snapshot;
  corrects?: Correcting;
  status?: WorkItem['status'];
  reasons: Reason[];
  comments: Comment[];
  /** The names of files that neither the phone nor the server has. */
  missing: string[];
}

/**
 * Finds the answers to open.
 *
 * @param lock locks these answers from now on
 * @throws {Error} with what the collector can do, if the answers cannot be opened
 */
export async function sourceOf(formId: string, { draft, correct }: LocationQuery, lock: AnswersLock): Promise<Source> {
  if (userId.value === undefined) await refresh();
  if (userId.value === undefined) {
    throw new Error(
      'The page needs the network once for a new link, to look up its collector. Find a network, then open it again.',
    );
  }
  if (typeof correct === 'string') return await correctionOf(correct, lock);
  if (typeof draft === 'string') return await draftOf(draft, lock);
  return await newOf(formId, lock);
}

async function newOf(formId: string, lock: AnswersLock): Promise<Source> {
  const draftId = crypto.randomUUID();
  await lock.take(draftId);
  await loadLists();
  if (!forms.value.some((form) => form.form_id === formId)) await refresh();
  const form = forms.value.find((each) => each.form_id === formId);
  if (form === undefined) {
    throw new Error('This form is not on this phone. Go to the list of forms; if it is not there, ask the manager.');
  }
  return { form, draftId, user_id: userId.value ?? '', reasons: [], comments: [], missing: [] };
}

async function draftOf(id: string, lock: AnswersLock): Promise<Source> {
  await lock.take(id);
  const draft = await (await database()).get('drafts', id);
  if (draft === undefined) throw new Error('This draft is no longer here: it was sent or deleted.');
  const { user_id, form_id: formId, version, xml, files, corrects } = draft;
  if (user_id !== userId.value) throw new Error('This draft belongs to another collector of this phone.');
  return {
    form: await formOf(formId, version),
    draftId: id,
    user_id,
    instance: { xml, files },
    ...(corrects && { corrects }),
    ...whyOf(itemOf(corrects?.response_id)),
    missing: [],
  };
}

async function correctionOf(responseId: string, lock: AnswersLock): Promise<Source> {
  await loadLists();
  if (itemOf(responseId) === undefined) await refresh();
  const item = itemOf(responseId);
  if (item === undefined) throw new Error('This response is not to be corrected any more.');
  const drafts = await (await database()).getAll('drafts');
  const draft = drafts.find(
    ({ corrects, user_id: user }) => corrects?.response_id === responseId && user === userId.value,
  );
  if (draft !== undefined) return await draftOf(draft.id, lock);
  await lock.take(correctionId(responseId));
  return await flaggedSource(item);
}

/** A response that came back, with its old answers. @throws {NoReplyError} if they are not on the phone */
async function flaggedSource(item: WorkItem): Promise<Source> {
  const form = await formOf(item.form_id, item.form_version);
  const { xml, files, missing } = await workOf(item, form);
  return {
    form,
    draftId: correctionId(item.response_id),
    user_id: userId.value ?? '',
    instance: { xml: withoutFiles(form.xml, xml, missing), files },
    corrects: { response_id: item.response_id, instance_id: instanceIdOf(xml) },
    ...whyOf(item),
    missing: [...missing],
  };
}

function itemOf(responseId: string | undefined): WorkItem | undefined {
  return worklist.value.find((each) => each.response_id === responseId);
}

function whyOf(item: WorkItem | undefined): Pick<Source, 'reasons' | 'comments' | 'status'> {
  return { reasons: item?.flags ?? [], comments: item?.comments ?? [], ...(item && { status: item.status }) };
}

/** A draft of the answers on the page. */
export function draftFrom(source: Source, snapshot: Snapshot): Draft {
  return { ...filledIn(source, snapshot), id: source.draftId, saved_at: new Date().toISOString() };
}

/** A response that is ready to be sent. */
export function outgoingFrom(source: Source, snapshot: Snapshot): Omit<Outgoing, 'order'> {
  const instanceId = instanceIdOf(snapshot.xml);
  return {
    ...filledIn(source, snapshot),
    instance_id: instanceId,
    response_id: source.corrects?.response_id ?? instanceId,
    queued_at: new Date().toISOString(),
  };
}

function filledIn({ form, user_id, corrects }: Source, { xml, files }: Snapshot): FilledIn {
  const { form_id, version, title } = form;
  return { user_id, form_id, version, title, xml, files, ...(corrects && { corrects }) };
}
