/** Finds the content type of a file from its first bytes. The type that a phone sends, and the file's name, are ignored. */

/** The number of bytes from the start that {@link typeOfFile} needs. */
export const TYPE_BYTES = 512;

/** A file whose bytes show no other type. Browsers save it instead of showing it. */
const UNKNOWN = 'application/octet-stream';
const TEXT = 'text/plain; charset=utf-8';

type Signature = readonly [type: string, at: number, start: string];

/** The starts of files, as Latin-1 text, in the order in which they are tried. Sources: the formats' specifications. */
const SIGNATURES: readonly Signature[] = [
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/gif', 0, 'GIF8'],
  ['image/bmp', 0, 'BM'],
  ['image/tiff', 0, 'II*\0'],
  ['image/tiff', 0, 'MM\0*'],
  ['image/webp', 8, 'WEBP'],
  ['audio/wav', 8, 'WAVE'],
  ['video/x-msvideo', 8, 'AVI '],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/mpeg', 0, '\xff\xfb'],
  ['audio/mpeg', 0, '\xff\xf3'],
  ['audio/aac', 0, '\xff\xf1'],
  ['audio/aac', 0, '\xff\xf9'],
  ['audio/amr', 0, '#!AMR'],
  ['audio/flac', 0, 'fLaC'],
  ['audio/ogg', 0, 'OggS'],
  ['video/webm', 0, '\x1aE\xdf\xa3'],
  ['application/pdf', 0, '%PDF-'],
  ['application/zip', 0, 'PK\x03\x04'],
  ['application/gzip', 0, '\x1f\x8b'],
  ['application/x-ole-storage', 0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
];

/** The brands of ISO base media files, such as MP4 (ISO/IEC 14496-12), by their first letters. */
const BRANDS: readonly (readonly [string, string])[] = [
  ['M4A', 'audio/mp4'],
  ['M4B', 'audio/mp4'],
  ['heic', 'image/heic'],
  ['heix', 'image/heic'],
  ['mif1', 'image/heif'],
  ['msf1', 'image/heif'],
  ['avif', 'image/avif'],
  ['3g', 'video/3gpp'],
  ['qt', 'video/quicktime'],
  ['', 'video/mp4'],
];

/** @param start the first {@link TYPE_BYTES} bytes of the file, or all if it has fewer */
export function typeOfFile(start: Uint8Array): string {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.byteLength, TYPE_BYTES)).toString('latin1');
  if (text.slice(4, 8) === 'ftyp') {
    return BRANDS.find(([brand]) => text.startsWith(brand, 8))?.[1] ?? UNKNOWN;
  }
  const known = SIGNATURES.find(([, at, bytes]) => text.startsWith(bytes, at));
  if (known !== undefined) return known[0];
  return isText(start.subarray(0, TYPE_BYTES)) ? TEXT : UNKNOWN;
}

/** Whether the bytes are UTF-8 without control characters. The last character may be cut. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.byteLength === 0 || bytes.some((byte) => byte < FIRST_PRINTED && !LAYOUT.has(byte))) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const FIRST_PRINTED = 0x20;
/** Tab, line feed, vertical tab, form feed and carriage return. */
const LAYOUT: ReadonlySet<number> = new Set([9, 10, 11, 12, 13]);
