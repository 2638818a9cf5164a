/**
 * The requests of the form page: the requests of a field app (OpenRosa), and requests for corrections. The token is in the
 * path.
 */
import { NoReplyError } from '../shared/problem.ts';
import { refusal, token } from './session.ts';
import type { WorkItem } from './types.ts';

const CREATED = 201;
const ACCEPTED = 202;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
/** The statuses for a request that took too long, a request that came too early, and too many requests. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 425, 429]);
const SERVER_FAULT = 500;

/** How long the server may take to reply, in milliseconds. */
const REPLY_MS = 60_000;
/** Bytes a millisecond that the slowest network carries; on a slower one, a photo would hold up everything else. */
const SLOWEST = 4;

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

/** The server refuses the token; `refusal` says why. */
export class SignedOutError extends Error {
  constructor() {
    super('This phone is signed out. Ask the manager for a new link.');
    this.name = 'SignedOutError';
  }
}

interface Reply {
  status: number;
  body: Blob;
}

/** @throws {NoReplyError} without a complete reply */
async function request(path: string, init: RequestInit = {}, bytes = 0): Promise<Reply> {
  try {
    const signal = AbortSignal.timeout(REPLY_MS + bytes / SLOWEST);
    const reply = await fetch(`/odk/${token ?? ''}${path}`, { cache: 'no-store', signal, ...init });
    return { status: reply.status, body: await reply.blob() };
  } catch (error) {
    throw new NoReplyError({ cause: error });
  }
}

/** @throws {NoReplyError} without a reply; {@link BusyError}; {@link SignedOutError}; {@link RefusedError} */
async function ask(path: string, init?: RequestInit, bytes?: number): Promise<Reply> {
  const reply = await request(path, init, bytes);
  if (reply.status < 400) return reply;
  if (isBusy(reply)) throw new BusyError();
  if (reply.status === FORBIDDEN) await checkToken();
  throw new RefusedError(reply.status, await reasonIn(reply));
}

function isBusy({ status }: Reply): boolean {
  return status >= SERVER_FAULT || TRANSIENT.has(status);
}

/** A 403 is about the token, or about the requested object. The address of submissions depends on the token alone. */
async function checkToken(): Promise<void> {
  const reply = await request('/submission');
  if (isBusy(reply)) throw new BusyError();
  if (reply.status !== FORBIDDEN) return;
  refusal.value = await reasonIn(reply);
  throw new SignedOutError();
}

async function reasonIn({ status, body }: Reply): Promise<string> {
  return (await messageIn(body)) ?? `The server replied ${status}. Show this to the manager.`;
}

/** The message of an OpenRosaResponse. */
async function messageIn(body: Blob): Promise<string | undefined> {
  return (await parse(body)).getElementsByTagName('message')[0]?.textContent?.trim() || undefined;
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
  const list = await parse((await ask('/formList')).body);
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
  return (await ask(`/forms/${formId}/${version}.xml`)).body.text();
}

/** The names and hashes of a form's media files. */
export async function listMedia(formId: string, version: number): Promise<{ name: string; hash: string }[]> {
  const manifest = await parse((await ask(`/forms/${formId}/${version}/manifest`)).body);
  return elements(manifest, 'mediaFile').map((file) => ({
    name: textOf(file, 'filename'),
    hash: textOf(file, 'hash'),
  }));
}

export async function readMedia(formId: string, version: number, name: string): Promise<Blob> {
  return (await ask(`/forms/${formId}/${version}/media/${encodeURIComponent(name)}`)).body;
}

/** The collector, and their flagged and returned responses. */
export async function readWorklist(): Promise<{ user_id: string; items: WorkItem[] }> {
  return JSON.parse(await (await ask('/worklist')).body.text());
}

/** The XML of the newest revision of a response. */
export async function readSubmission(responseId: string): Promise<string> {
  return (await ask(`/responses/${encodeURIComponent(responseId)}/submission`)).body.text();
}

/** @returns undefined if the server does not have the file */
export async function readResponseFile(responseId: string, name: string): Promise<Blob | undefined> {
  try {
    return (await ask(`/responses/${encodeURIComponent(responseId)}/files/${encodeURIComponent(name)}`)).body;
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
  const reply = await ask('/submission', { method: 'POST', body }, xml.length + (file?.content.size ?? 0));
  // The server itself sends no other status; something between the phone and the server has replied.
  if (reply.status !== CREATED && reply.status !== ACCEPTED) throw new BusyError();
  return (await messageIn(reply.body)) ?? 'Received.';
}

async function parse(body: Blob): Promise<Document> {
  return new DOMParser().parseFromString(await body.text(), 'text/xml');
}

function elements(document: Document, name: string): Element[] {
  return [...document.getElementsByTagName(name)];
}

function textOf(element: Element, name: string): string {
  return element.getElementsByTagName(name)[0]?.textContent ?? '';
}
