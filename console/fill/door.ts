/** The requests of the form page: those of a field app (OpenRosa), and for corrections. The token is in their path. */
import { NoReplyError } from '../shared/problem.ts';
import { refusal, token } from './session.ts';
import type { WorkItem } from './types.ts';

const FORBIDDEN = 403;
const NOT_FOUND = 404;
const TOO_MANY = 429;
const SERVER_FAULT = 500;

/** The server understood the request and refused it; the message says why and what to do. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'RefusedError';
    this.status = status;
  }
}

/** The server cannot take this request now; the same request may succeed later. */
export class BusyError extends NoReplyError {}

/** @throws {NoReplyError} without a reply; {@link BusyError}; {@link RefusedError} */
async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let reply: Response;
  try {
    reply = await fetch(`/odk/${token.value ?? ''}${path}`, { cache: 'no-store', ...init });
  } catch (error) {
    throw new NoReplyError({ cause: error });
  }
  if (reply.ok) return reply;
  if (reply.status >= SERVER_FAULT || reply.status === TOO_MANY) throw new BusyError();
  throw new RefusedError(reply.status, messageIn(await reply.text()) ?? `The server replied ${reply.status}.`);
}

/** The message of an OpenRosaResponse. */
function messageIn(text: string): string | undefined {
  const document = new DOMParser().parseFromString(text, 'text/xml');
  return document.getElementsByTagName('message')[0]?.textContent?.trim() || undefined;
}

export interface ListedForm {
  form_id: string;
  version: number;
  title: string;
  hash: string;
  has_media: boolean;
}

/** The forms that take responses. Corrections forms are left out: the worklist replaces them. */
export async function listForms(): Promise<ListedForm[]> {
  const list = await readXml(await ask('/formList'));
  return elements(list, 'xform').flatMap((form) => {
    const [, formId, version] = /\/forms\/([^/]+)\/(\d+)\.xml$/.exec(textOf(form, 'downloadUrl')) ?? [];
    if (formId === undefined || version === undefined) return [];
    return {
      form_id: formId,
      version: Number(version),
      title: textOf(form, 'name'),
      hash: textOf(form, 'hash'),
      has_media: textOf(form, 'manifestUrl') !== '',
    };
  });
}

export async function readForm(formId: string, version: number): Promise<string> {
  return (await ask(`/forms/${formId}/${version}.xml`)).text();
}

/** The names and hashes of a form's media files. */
export async function listMedia(formId: string, version: number): Promise<{ name: string; hash: string }[]> {
  const manifest = await readXml(await ask(`/forms/${formId}/${version}/manifest`));
  return elements(manifest, 'mediaFile').map((file) => ({
    name: textOf(file, 'filename'),
    hash: textOf(file, 'hash'),
  }));
}

export async function readMedia(formId: string, version: number, name: string): Promise<Blob> {
  return (await ask(`/forms/${formId}/${version}/media/${encodeURIComponent(name)}`)).blob();
}

/** The collector, and their flagged and returned responses. */
export async function readWorklist(): Promise<{ user_id: string; items: WorkItem[] }> {
  return (await ask('/worklist')).json();
}

/** The XML of the last revision of a response. */
export async function readSubmission(responseId: string): Promise<string> {
  return (await ask(`/responses/${encodeURIComponent(responseId)}/submission`)).text();
}

/** @returns undefined if the server does not have the file */
export async function readResponseFile(responseId: string, name: string): Promise<Blob | undefined> {
  try {
    return await (await ask(`/responses/${encodeURIComponent(responseId)}/files/${encodeURIComponent(name)}`)).blob();
  } catch (error) {
    if (error instanceof RefusedError && error.status === NOT_FOUND) return undefined;
    throw error;
  }
}

/**
 * Sends a submission, with one of its files or none.
 *
 * @param isLast false if more files follow in further requests
 * @returns the server's message
 */
export async function sendSubmission(
  xml: string,
  file: { name: string; content: Blob } | undefined,
  isLast: boolean,
): Promise<string> {
  const body = new FormData();
  body.append('xml_submission_file', new Blob([xml], { type: 'text/xml' }), 'submission.xml');
  if (file !== undefined) body.append(file.name, file.content, file.name);
  if (!isLast) body.append('*isIncomplete*', 'yes');
  const reply = await ask('/submission', { method: 'POST', body });
  return messageIn(await reply.text()) ?? 'Received.';
}

/** Notes that the server refuses the token, if that is why. @returns whether it is */
export async function noteRefusedToken(error: unknown): Promise<boolean> {
  if (!(error instanceof RefusedError) || error.status !== FORBIDDEN) return false;
  try {
    await ask('/submission');
    return false;
  } catch (again) {
    if (!(again instanceof RefusedError)) return false;
    refusal.value = again.message;
    return true;
  }
}

async function readXml(reply: Response): Promise<Document> {
  return new DOMParser().parseFromString(await reply.text(), 'text/xml');
}

function elements(document: Document, name: string): Element[] {
  return [...document.getElementsByTagName(name)];
}

function textOf(element: Element, name: string): string {
  return element.getElementsByTagName(name)[0]?.textContent ?? '';
}
