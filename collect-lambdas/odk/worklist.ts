/** What the form page needs to correct responses: which, why, and their content. */
import { type Input, isId, type StoredRevision, type WorkItem } from '../../db-proxy-lambda/contract.ts';
import type { CompiledForm } from '../../forms/compiled/compiled-form.ts';
import { filledQuestions, labelOf } from '../../forms/xforms/generate/corrections-csv.ts';
import { flaggedReferences, questionReferences } from '../../forms/xforms/question-references.ts';
import { writeInstance } from '../../forms/xforms/write-instance.ts';
import { jsonResponse, pathParameter, type HttpEvent, type HttpResponse } from '../shared/http.ts';
import { inGroups } from '../shared/in-groups.ts';
import { listAll } from '../shared/object-store.ts';
import { Problem } from '../shared/problem.ts';
import type { Request } from '../shared/route.ts';
import { mapOf } from '../shared/submissions/find-form.ts';
import { isKept, readInstanceAt } from '../shared/submissions/instance.ts';
import { correctionsPrefix, instanceKey, instanceKeyOf } from '../shared/submissions/keys.ts';
import type { Dependencies } from './dependencies.ts';
import { checkToken, guarded } from './guards.ts';
import { cacheable } from './openrosa.ts';
import { erased, noSuchDownload, notYours } from './problems.ts';

/** Max responses that wait for the collector: the earliest arrivals. The others follow when these are corrected. */
const MAX_WAITING = 300;
/** Max responses whose every flag the collector confirmed: the newest arrivals. */
const MAX_CONFIRMED = 50;

/** The largest page that the db-proxy gives, and the max number of pages that are read. */
const PAGE = 1_000;
const MAX_PAGES = 20;

const READ_AT_ONCE = 10;

/** The flagged and returned responses of the collector, in order of arrival. */
export async function worklist(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { userId } = await checkToken(dependencies, event);
  const items = await openOf(dependencies, userId);
  const versions = Map.groupBy(items, ({ form_id: id, form_version: version }) => `${id}/${version}`);
  const described = await inGroups(READ_AT_ONCE, [...versions.values()], async (ofVersion) => {
    const [{ form_id: formId, form_version: version } = { form_id: '', form_version: 0 }] = ofVersion;
    const form = await dependencies.formFiles.version(formId, version);
    return form === undefined ? [] : describe(ofVersion, form);
  });
  const byId = new Map(described.flat().map((item) => [item.response_id, item]));
  const inOrder = items.flatMap(({ response_id: id }) => byId.get(id) ?? []);
  return jsonResponse(200, { user_id: userId, items: inOrder }, { 'cache-control': 'no-store' });
}

async function openOf({ dbProxy }: Dependencies, userId: string): Promise<WorkItem[]> {
  const open: WorkItem[] = [];
  let after: Input<'listWork'>['after'];
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const { items, next } = await dbProxy.call('listWork', { user_id: userId, limit: PAGE, after });
    open.push(...items);
    if (next === null) break;
    after = next;
  }
  const waiting = open.filter(isWaiting).slice(0, MAX_WAITING);
  const confirmed = open.filter((item) => !isWaiting(item)).slice(-MAX_CONFIRMED);
  const listed = new Set([...waiting, ...confirmed]);
  return open.filter((item) => listed.has(item));
}

/** Whether the collector has something to do, other than what they have confirmed. */
function isWaiting({ status, flags }: WorkItem): boolean {
  return status === 'returned' || flags.some(({ acknowledged }) => !acknowledged);
}

function describe(items: readonly WorkItem[], form: CompiledForm) {
  const references = questionReferences(mapOf(form));
  const questions = filledQuestions(form.definition);
  return items.map(({ response_id, revision, status, flags, reviews, response }) => ({
    response_id,
    form_id: form.form_id,
    form_version: form.version,
    form_title: form.definition.title,
    label: labelOf(response, questions),
    revision,
    status,
    flags: flags.map(({ message, acknowledged = false, ...flag }) => ({
      message,
      acknowledged,
      questions: flaggedReferences(flag, references),
    })),
    comments: reviews.flatMap(({ text, action, author, created_at }) =>
      text === null ? [] : [{ text, action, author, created_at }],
    ),
  }));
}

/** The XML of the last revision of a response: as it was sent, if it was sent as a submission of its form. */
export async function lastSubmission(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const response = await ownResponse(dependencies, event);
  const form = await dependencies.formFiles.version(response.form_id, response.form_version);
  if (form === undefined) throw noSuchDownload();
  const sent = await guarded(() => sentXml(dependencies, response));
  return cacheable(event, sent ?? writtenXml(response, form));
}

async function sentXml({ files }: Dependencies, response: StoredRevision): Promise<string | undefined> {
  const { response_id: responseId } = response;
  const prefix = correctionsPrefix(responseId);
  const corrections = (await listAll(files, prefix)).map(({ key }) => instanceKeyOf(key.slice(prefix.length)));
  const instances = await inGroups(READ_AT_ONCE, [instanceKey(responseId), ...corrections], (key) =>
    readInstanceAt(files, key),
  );
  const last = instances
    .filter((each) => each?.response_id === responseId && !each.waits)
    .find((each) => each?.last_modified_time === response.response['last_modified_time']);
  return last !== undefined && isKept(last) && last.submission.correction === undefined
    ? last.submission.xml
    : undefined;
}

function writtenXml({ response, response_id: responseId }: StoredRevision, form: CompiledForm): string {
  const { submitted_time: end, username, location } = response;
  return writeInstance(mapOf(form), response, responseId, {
    end: String(end),
    username: String(username),
    location: String(location),
  });
}

/** A file of a response, the newest of that name. */
export async function responseFile(dependencies: Dependencies, { event }: Request): Promise<HttpResponse> {
  const { response_id: responseId } = await ownResponse(dependencies, event);
  const name = pathParameter(event, 'file');
  const listed = await dependencies.dbProxy.call('listAttachments', { response_id: responseId });
  if (listed.outcome === 'erased') throw erased();
  const attached = listed.outcome === 'found' ? listed.items.findLast((each) => each.name === name) : undefined;
  const file = attached && (await guarded(() => dependencies.files.getBytes(attached.object_key)));
  if (file === undefined || attached === undefined) {
    throw new Problem('not-found', { detail: `The response has no file ${name}, or it has not arrived yet.` });
  }
  const reply = cacheable(event, file.bytes, attached.type);
  // Browsers must not show what a phone sent as a page of this address.
  return { ...reply, headers: { ...reply.headers, 'content-disposition': 'attachment' } };
}

/** @throws {Problem} 404, 403 or 410 */
async function ownResponse(dependencies: Dependencies, event: HttpEvent): Promise<StoredRevision> {
  const { userId } = await checkToken(dependencies, event);
  const responseId = pathParameter(event, 'response_id');
  const { response } = isId(responseId)
    ? await dependencies.dbProxy.call('getResponse', { response_id: responseId })
    : { response: null };
  if (response === null) throw new Problem('not-found', { detail: 'There is no response with this id.' });
  if (response.user_id !== userId) throw notYours();
  if (response.status === 'erased') throw erased();
  return response;
}
