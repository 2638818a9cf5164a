/** Reads the QR codes of phones' settings from their pictures, as a phone does: with a decoder that is not the encoder's. */
import { inflateSync } from 'node:zlib';
import { decodeQR } from 'qr/decode.js';

/** Rows of pixels, `true` for black. */
type Pixels = boolean[][];

/** The pixels of a PNG with one bit per pixel. */
export function pixelsOfPng(png: Buffer): Pixels {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const start = png.indexOf('IDAT') + 4;
  const lines = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)));
  const bytes = 1 + Math.ceil(width / 8);
  return Array.from({ length: height }, (_line, y) =>
    Array.from(
      { length: width },
      (_pixel, x) => ((lines.readUInt8(y * bytes + 1 + Math.floor(x / 8)) >> (7 - (x % 8))) & 1) === 0,
    ),
  );
}

/** The pixels of an SVG whose only path consists of black squares. */
export function pixelsOfSvg(svg: string): Pixels {
  const [, size] = /viewBox="0 0 (\d+) \1"/.exec(svg) ?? [];
  const pixels: Pixels = Array.from({ length: Number(size) }, () => Array.from({ length: Number(size) }, () => false));
  for (const [, x, y, width] of svg.matchAll(/M(\d+),(\d+)h(\d+)v\3h-\3z/g)) {
    for (const row of pixels.slice(Number(y), Number(y) + Number(width))) {
      row.fill(true, Number(x), Number(x) + Number(width));
    }
  }
  return pixels;
}

/** The text of the QR code in a picture. @throws {Error} if there is none */
export function scanQr(pixels: Pixels): string {
  const luminance = pixels.flat().flatMap((isBlack) => Array.from({ length: 3 }, () => (isBlack ? 0 : 255)));
  const size = { width: pixels[0]?.length ?? 0, height: pixels.length };
  return decodeQR({ ...size, data: Uint8Array.from(luminance) }, { timeLimit: 10_000 });
}
