/** Reads the submission in a request: its XML, and the files that come with it. */
import { XmlError, parseXml, type XmlElement } from '../../forms/xforms/xml.ts';
import type { HttpEvent } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';
import { XML_LIMITS } from '../shared/submissions/save-submission.ts';

/** What the header X-OpenRosa-Accept-Content-Length tells apps: Lambda's limit is 6 MB in base64. */
export const ACCEPTED_BYTES = 4_000_000;
/** Requests that are a little larger still fit. API Gateway itself replies 413 to those that do not. */
const MAX_BYTES = 4_700_000;

/** Max files in one request: as many as can be stored while the app waits. */
const MAX_FILES = 1_000;

const XML_PART = 'xml_submission_file';
/** Says that more files of this submission follow in further requests. */
const INCOMPLETE_PART = '*isIncomplete*';

export interface SentFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface SubmissionUpload {
  xml: string;
  /** The bytes of the XML, as they were sent. */
  xmlBytes: Uint8Array;
  root: XmlElement;
  files: SentFile[];
}

/** @throws {Problem} 415, 413 or 400; the message says what to do */
export async function readSubmission(event: HttpEvent): Promise<SubmissionUpload> {
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > MAX_BYTES) {
    const detail = `The request has ${body.length} bytes; at most ${MAX_BYTES} are taken. Send smaller photos: set the image size in the form or in the app.`;
    throw new Problem('too-large', { detail });
  }
  const form = await parseMultipart(event.headers['content-type'] ?? '', body);
  const [sent, ...others] = form.getAll(XML_PART);
  if (sent === undefined || others.length > 0) {
    throw new Problem('not-multipart', { detail: `Send the submission as one part named ${XML_PART}.` });
  }
  const xmlBytes = typeof sent === 'string' ? new TextEncoder().encode(sent) : await bytesOf(sent);
  const xml = decode(xmlBytes);
  return { xml, xmlBytes, root: parse(xml), files: await filesIn(form) };
}

async function parseMultipart(contentType: string, body: Buffer<ArrayBuffer>): Promise<FormData> {
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
    const detail = `Send multipart/form-data with the submission as its part ${XML_PART}.`;
    throw new Problem('unsupported-media-type', { detail });
  }
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new Problem('not-multipart', {
      detail: 'The body is not a complete multipart/form-data body with the boundary named in its content type.',
    });
  }
}

async function filesIn(form: FormData): Promise<SentFile[]> {
  const parts = [...form].flatMap(([part, value]) =>
    part === XML_PART || part === INCOMPLETE_PART || typeof value === 'string' ? [] : [{ part, file: value }],
  );
  if (parts.length > MAX_FILES) {
    const detail = `The request has ${parts.length} files; at most ${MAX_FILES} are taken. Nothing was stored. Keep the form in the app, and ask the manager.`;
    throw new Problem('too-large', { detail });
  }
  return await Promise.all(
    parts.map(async ({ part, file }) => ({
      name: nameOf(file.name === '' ? part : file.name),
      bytes: await bytesOf(file),
    })),
  );
}

/** Longer names cannot be answers. */
const MAX_NAME = 255;

function nameOf(sent: string): string {
  return Array.from(sent).slice(0, MAX_NAME).join('') || 'file';
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem('not-xml', { detail: 'The submission is not UTF-8 text.' });
  }
}

function parse(xml: string): XmlElement {
  try {
    return parseXml(xml, XML_LIMITS);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    throw new Problem('not-xml', { detail: error.message });
  }
}
