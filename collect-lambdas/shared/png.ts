/** Writes black and white pictures as PNG: https://www.w3.org/TR/png-3/ */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** One bit per pixel, greyscale; the only compression and filter methods of PNG; not interlaced. */
const ONE_BIT_GREY = Buffer.from([1, 0, 0, 0, 0]);
const NO_FILTER = 0;
const BLACK = 0;
const WHITE = 1;

/**
 * @param rows of squares, `true` for black; all rows have the same length
 * @param scale width of a square in pixels
 */
export function encodePng(rows: readonly (readonly boolean[])[], scale: number): Uint8Array {
  const width = (rows[0]?.length ?? 0) * scale;
  const height = rows.length * scale;
  const lines = rows.flatMap((row) => Array.from({ length: scale }, () => lineOf(row, scale)));
  const header = Buffer.alloc(8);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.concat([header, ONE_BIT_GREY])),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function lineOf(row: readonly boolean[], scale: number): Buffer {
  const bits = row.flatMap((isBlack) => Array.from({ length: scale }, () => (isBlack ? BLACK : WHITE)));
  const line = Buffer.alloc(1 + Math.ceil(bits.length / 8), NO_FILTER);
  for (const [index, bit] of bits.entries()) {
    const at = 1 + Math.floor(index / 8);
    line.writeUInt8(line.readUInt8(at) + bit * 2 ** (7 - (index % 8)), at);
  }
  return line;
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
