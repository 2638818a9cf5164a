/** Reads bodies that are files. */
import type { HttpEvent } from '../shared/http.ts';
import { Problem } from '../shared/problem.ts';

/** Lambda takes 6 MB, in base64. */
export const MAX_FORM_FILE_BYTES = 4_000_000;

/** What a file is, by its content type without parameters, and its bytes. */
export type Upload = { readonly type: string; readonly bytes: Buffer<ArrayBuffer> };

/**
 * Reads a file of at most 4 MB, byte for byte.
 *
 * @param accepted content types; by default any
 * @throws {Problem} 415 for another type, 413 if too large, 422 `invalid-file` if empty or if API Gateway changed its
 * bytes
 */
export function readUpload(event: HttpEvent, accepted?: readonly string[]): Upload {
  const [sent = ''] = (event.headers['content-type'] ?? '').split(';');
  const type = sent.trim().toLowerCase();
  if (accepted !== undefined && !accepted.includes(type)) {
    throw new Problem('unsupported-media-type', { detail: `Send ${accepted.join(', ')}.` });
  }
  const { body = '', isBase64Encoded } = event;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_FORM_FILE_BYTES) {
    const detail = `The file has ${bytes.length} bytes; at most ${MAX_FORM_FILE_BYTES} are taken.`;
    throw new Problem('too-large', { detail });
  }
  if (bytes.length === 0) throw unusable('Send the file as the body.');
  // API Gateway passes text on as text, and replaces each malformed byte by U+FFFD.
  if (!isBase64Encoded && body.includes('\uFFFD')) {
    throw unusable('The file is not UTF-8 text. Save it as UTF-8, or send its bytes as application/octet-stream.');
  }
  return { type, bytes };
}

/** Decodes a text; a byte order mark stays in it. @throws {Problem} 422 `invalid-file` if it is not UTF-8 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unusable('The file is not UTF-8 text. Save it as UTF-8: phones read forms as UTF-8.');
  }
}

function unusable(detail: string): Problem {
  return new Problem('invalid-file', { errors: [{ pointer: '', detail }] });
}
