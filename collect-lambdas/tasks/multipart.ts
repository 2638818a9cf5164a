/** Reads the file in a multipart/form-data body. */
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { HttpEvent } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/**
 * Lambda's limit for a request is 6 MB (6,291,456 bytes). Base64 leaves 4.7 MB of that for content, and headers need
 * some
 * room. API Gateway itself replies 413 to larger requests.
 */
export const MAX_FILE_BYTES = 4_500_000;

/** Maximum size of boundaries and part headers. */
const MAX_FRAME_BYTES = 16_000;

/** Further parts are ignored. */
const MAX_PARTS = 10;

const NAME = 'file';

interface Part {
  name: string;
  /** Undefined for a part that is not a file. */
  content: Buffer | undefined;
}

/**
 * Reads the only part of the body, the file named `file`.
 *
 * @throws {Problem} 415 for another content type, 413 if it is too large, 400 if the body is not multipart or ends too
 * early, 422 if the file is missing or is not the only part
 */
export async function readUploadedFile(event: HttpEvent): Promise<Buffer> {
  const contentType = event.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*(;|$)/i.test(contentType)) {
    throw new Problem('unsupported-media-type', { detail: 'Send multipart/form-data with the CSV as its part file.' });
  }
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body.length > MAX_FILE_BYTES + MAX_FRAME_BYTES) throw tooLarge(body.length);
  const parts = await readParts(contentType, body);
  const errors = faultsIn(parts);
  if (errors.length > 0) throw new Problem('invalid-file', { errors });
  const content = parts[0]?.content ?? Buffer.alloc(0);
  if (content.length > MAX_FILE_BYTES) throw tooLarge(content.length);
  return content;
}

function tooLarge(bytes: number): Problem {
  const detail = `The upload has ${bytes} bytes; a file may have at most ${MAX_FILE_BYTES}. Split it into several files.`;
  return new Problem('too-large', { detail });
}

async function readParts(contentType: string, body: Buffer): Promise<Part[]> {
  const parts: Part[] = [];
  try {
    const parser = new Busboy({ headers: { 'content-type': contentType }, limits: { parts: MAX_PARTS } });
    await parse(parser, body, parts);
  } catch {
    const detail = 'The body is not a complete multipart/form-data body with the boundary named in its content type.';
    throw new Problem('not-multipart', { detail });
  }
  return parts;
}

function parse(parser: BusboyInstance, body: Buffer, parts: Part[]): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.on('file', (name, stream) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => parts.push({ name, content: Buffer.concat(chunks) }));
    });
    parser.on('field', (name) => parts.push({ name, content: undefined }));
    parser.on('error', reject);
    parser.on('finish', resolve);
    parser.end(body);
  });
}

function faultsIn(parts: readonly Part[]): { pointer: string; detail: string }[] {
  const pointer = `/${NAME}`;
  const named = parts.filter((part) => part.name === NAME);
  const files = named.filter((part) => part.content !== undefined);
  if (files.length === 0) {
    const asText = 'The part named file must be a file: give it a filename.';
    return [{ pointer, detail: named.length > 0 ? asText : 'Send the CSV as a part named file.' }];
  }
  if (named.length > 1) return [{ pointer, detail: `Send one file; this body has ${named.length}.` }];
  if (parts.length > 1) return [{ pointer: '', detail: 'Send only the part named file.' }];
  return [];
}
