/** Reads the file in a multipart/form-data body. */
import type { HttpEvent } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/**
 * Lambda's limit for a request is 6 MB (6,291,456 bytes). Base64 leaves 4.7 MB of that for content, and headers need
 * some room. API Gateway itself replies 413 to larger requests.
 */
export const MAX_FILE_BYTES = 4_500_000;

/** Maximum size of boundaries and part headers. */
const MAX_FRAME_BYTES = 16_000;

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
  const file = onlyFileOf(await parse(contentType, body));
  if (file.size > MAX_FILE_BYTES) throw tooLarge(file.size);
  return Buffer.from(await file.arrayBuffer());
}

function tooLarge(bytes: number): Problem {
  const detail = `The upload has ${bytes} bytes; a file may have at most ${MAX_FILE_BYTES}. Split it into several files.`;
  return new Problem('too-large', { detail });
}

async function parse(contentType: string, body: Buffer): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    const detail = 'The body is not a complete multipart/form-data body with the boundary named in its content type.';
    throw new Problem('not-multipart', { detail });
  }
}

function onlyFileOf(form: FormData): File {
  const [file, ...others] = form.getAll('file');
  if (file === undefined) throw invalid('/file', 'Send the CSV as a part named file.');
  if (others.length > 0) throw invalid('/file', `Send one file; this body has ${others.length + 1}.`);
  if (!(file instanceof File)) throw invalid('/file', 'The part named file must be a file: give it a filename.');
  if ([...form.keys()].length > 1) throw invalid('', 'Send only the part named file.');
  return file;
}

function invalid(pointer: string, detail: string): Problem {
  return new Problem('invalid-file', { errors: [{ pointer, detail }] });
}
