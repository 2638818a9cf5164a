import { httpEvent } from '../../tests/support/http-event.ts';
import { multipartEvent, rawMultipartEvent } from '../../tests/support/multipart.ts';
import { Problem } from '../shared/problem.ts';
import type { HttpEvent } from '../shared/http.ts';
import { MAX_FILE_BYTES, readUploadedFile } from './multipart.ts';

const ROUTE = 'POST /api/v1/tasks/upload/';
const file = { name: 'file', filename: 'tasks.csv', content: 'a,b\r\n1,2\r\n' };

async function refusal(event: HttpEvent) {
  const error: unknown = await readUploadedFile(event).catch((problem: unknown) => problem);
  expect(error).toBeInstanceOf(Problem);
  return error instanceof Problem ? error.body : undefined;
}

describe('The file of an upload', () => {
  it('is read byte for byte', async () => {
    const content = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const read = await readUploadedFile(multipartEvent(ROUTE, [{ ...file, content }]));
    expect(read.equals(content)).toBe(true);
  });

  it.each(['a "b".csv', 'a\\b;c.csv', 'घर.csv', ''])('may be called %j', async (filename) => {
    expect((await readUploadedFile(multipartEvent(ROUTE, [{ ...file, filename }]))).toString()).toBe(file.content);
  });

  it('may be empty', async () => {
    expect(await readUploadedFile(multipartEvent(ROUTE, [{ ...file, content: '' }]))).toHaveLength(0);
  });

  it('may be in a text body', async () => {
    const event = multipartEvent(ROUTE, [file]);
    const body = Buffer.from(event.body ?? '', 'base64').toString();
    const read = await readUploadedFile({ ...event, body, isBase64Encoded: false });
    expect(read.toString()).toBe(file.content);
  });

  it('may have the maximum size, but not one byte more', async () => {
    const content = Buffer.alloc(MAX_FILE_BYTES, 'x');
    expect(await readUploadedFile(multipartEvent(ROUTE, [{ ...file, content }]))).toHaveLength(MAX_FILE_BYTES);
    for (const bytes of [MAX_FILE_BYTES + 1, 5_000_001]) {
      const event = multipartEvent(ROUTE, [{ ...file, content: Buffer.alloc(bytes, 'x') }]);
      expect(await refusal(event)).toMatchObject({
        status: 413,
        detail: expect.stringContaining('4500000'),
      });
    }
  });

  it('is accepted as multipart/form-data only', async () => {
    for (const contentType of [
      'text/csv',
      'application/json',
      'multipart/mixed; boundary=x',
      'multipart/form-dataset',
    ]) {
      expect(await refusal(httpEvent(ROUTE, { body: 'a,b', contentType }))).toMatchObject({ status: 415 });
    }
  });

  it.each([
    ['no boundary in the content type', httpEvent(ROUTE, { body: 'x', contentType: 'multipart/form-data' })],
    ['no body', rawMultipartEvent(ROUTE, Buffer.from(''))],
    ['a body without parts', rawMultipartEvent(ROUTE, Buffer.from('task_owner,email'))],
    ['a missing end', cutShort(20)],
    ['an end in the middle of the file', cutShort(40)],
  ])('is refused for %s', async (_what, event) => {
    expect(await refusal(event)).toMatchObject({ status: 400, type: 'urn:collect:problem:not-multipart' });
  });

  it.each([
    ['it is missing', [], '/file'],
    ['it has another name', [{ ...file, name: 'upload' }], '/file'],
    ['it is a field', [{ name: 'file', content: 'a,b' }], '/file'],
    ['there are two', [file, file], '/file'],
    ['there is also a field', [file, { name: 'overwrite', content: 'yes' }], ''],
    ['there is also another file', [{ ...file, name: 'constructor' }, file], ''],
    ['there are a thousand', Array.from({ length: 1_000 }, () => file), '/file'],
  ])('is refused when %s', async (_what, parts, pointer) => {
    expect(await refusal(multipartEvent(ROUTE, parts))).toMatchObject({ status: 422, errors: [{ pointer }] });
  });
});

function cutShort(bytes: number): HttpEvent {
  const whole = Buffer.from(multipartEvent(ROUTE, [file]).body ?? '', 'base64');
  return rawMultipartEvent(ROUTE, whole.subarray(0, -bytes));
}
