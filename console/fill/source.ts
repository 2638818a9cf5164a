/** What a form is opened with: nothing, a draft, or a response that came back. */
import type { LocationQuery } from 'vue-router';
import { instanceIdOf, withoutFiles } from './instance.ts';
import { userId } from './session.ts';
import { database } from './store.ts';
import { formOf, forms, loadLists, refresh, workOf, worklist } from './sync.ts';
import type { Comment, Correcting, Draft, Outgoing, Reason, Snapshot, StoredForm, WorkItem } from './types.ts';

export interface Source {
  form: StoredForm;
  /** Of the draft in which changes are saved. */
  draftId: string;
  instance?: Snapshot;
  corrects?: Correcting;
  status?: WorkItem['status'];
  reasons: Reason[];
  comments: Comment[];
  /** The names of files that were lost on the way to here. */
  missing: string[];
}

/** @throws {Error} with what the collector can do, if it cannot be opened */
export async function sourceOf(formId: string, { draft, correct }: LocationQuery): Promise<Source> {
  if (userId.value === undefined) await refresh();
  if (typeof correct === 'string') return await correctionOf(correct);
  if (typeof draft === 'string') return await draftOf(draft);
  if (!forms.value.some((form) => form.form_id === formId)) await refresh();
  const form = forms.value
    .filter((each) => each.form_id === formId)
    .reduce<StoredForm | undefined>(
      (newest, each) => (newest && newest.version > each.version ? newest : each),
      undefined,
    );
  if (form === undefined) {
    throw new Error('This form is not on this phone. Go to the list of forms; if it is not there, ask the manager.');
  }
  return { form, draftId: crypto.randomUUID(), reasons: [], comments: [], missing: [] };
}

async function draftOf(id: string): Promise<Source> {
  const draft = await (await database()).get('drafts', id);
  if (draft === undefined) throw new Error('This draft is no longer here: it was sent or deleted.');
  return { ...(await fromDraft(draft)), ...whyOf(itemOf(draft.corrects?.response_id)) };
}

async function fromDraft(draft: Draft): Promise<Source> {
  const { id: draftId, form_id: formId, version, xml, files, corrects } = draft;
  const form = await formOf(formId, version);
  return {
    form,
    draftId,
    instance: { xml, files },
    ...(corrects && { corrects }),
    reasons: [],
    comments: [],
    missing: [],
  };
}

async function correctionOf(responseId: string): Promise<Source> {
  await loadLists();
  if (itemOf(responseId) === undefined) await refresh();
  const item = itemOf(responseId);
  if (item === undefined) throw new Error('This response is not to be corrected any more.');
  const drafts = await (await database()).getAll('drafts');
  const draft = drafts.find(({ corrects }) => corrects?.response_id === responseId);
  if (draft !== undefined) return { ...(await fromDraft(draft)), ...whyOf(item) };
  return await flaggedSource(item);
}

/** A response that came back, with its old answers. @throws {NoReplyError} if they are not on the phone */
export async function flaggedSource(item: WorkItem): Promise<Source> {
  const form = await formOf(item.form_id, item.form_version);
  const { xml, files, missing } = await workOf(item, form);
  return {
    form,
    draftId: crypto.randomUUID(),
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

/** A draft of what is filled in now. */
export function draftFrom({ form, draftId, corrects }: Source, { xml, files }: Snapshot): Draft {
  const { form_id, version, title } = form;
  const saved_at = new Date().toISOString();
  const user_id = userId.value ?? '';
  return { id: draftId, user_id, form_id, version, title, xml, files, saved_at, ...(corrects && { corrects }) };
}

/** A response that is ready to be sent. */
export function outgoingFrom({ form, corrects }: Source, { xml, files }: Snapshot): Omit<Outgoing, 'order'> {
  const instanceId = instanceIdOf(xml);
  return {
    instance_id: instanceId,
    response_id: corrects?.response_id ?? instanceId,
    user_id: userId.value ?? '',
    form_id: form.form_id,
    version: form.version,
    title: form.title,
    xml,
    files,
    queued_at: new Date().toISOString(),
    ...(corrects && { corrects }),
  };
}
