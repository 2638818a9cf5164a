import { typeOfFile } from './file-type.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test.each([
  ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
  ['\x89PNG\r\n\x1a\n\0', 'image/png'],
  ['RIFF\x24\0\0\0WEBPVP8 ', 'image/webp'],
  ['RIFF\x24\0\0\0WAVEfmt ', 'audio/wav'],
  ['\0\0\0\x18ftypM4A \0\0', 'audio/mp4'],
  ['\0\0\0\x18ftyp3gp4\0\0', 'video/3gpp'],
  ['\0\0\0\x18ftypisom\0\0', 'video/mp4'],
  ['\0\0\0\x18ftypheic\0\0', 'image/heic'],
  ['#!AMR\n', 'audio/amr'],
  ['%PDF-1.7', 'application/pdf'],
  ['event,node,start,end\n', 'text/plain; charset=utf-8'],
  ['<html><script>alert(1)</script>', 'text/plain; charset=utf-8'],
  ['\0\x01\x02', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('the type of a file that starts with %j is %s', (start, type) => {
  expect(typeOfFile(bytes(start))).toBe(type);
});

test('a text is recognised although its 512th byte is inside a character', () => {
  expect(typeOfFile(Buffer.from(`${'a'.repeat(511)}é`))).toBe('text/plain; charset=utf-8');
});
