import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { portOf } from '../../tests/support/port-of.ts';
import { createFileStore, removePrefix, type FileStore } from './file-store.ts';
import { createObjectStore, listAll, type ObjectStore } from './object-store.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: SECRET,
  AWS_SESSION_TOKEN: 'a/session+token=',
};
const hex = (content: string): string => createHash('sha256').update(content).digest('hex');
const hmac = (key: string | Buffer, content: string): Buffer => createHmac('sha256', key).update(content).digest();
const encode = (value: string): string => encodeURIComponent(value).replaceAll('*', '%2A');

interface Sent {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string;
}

/** The header Authorization, as the server computes it: "Signature Calculations for the Authorization Header". */
function signatureOf({ method, url, headers, body }: Sent): string {
  const signed = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '')?.[1] ?? '';
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).toSorted();
  const canonical = signed.split(';').map((name) => `${name}:${headers[name]}\n`);
  const request = [method, url.pathname, query.join('&'), canonical.join(''), signed, hex(body)].join('\n');
  const time = headers['x-amz-date'] ?? '';
  const scope = `${time.slice(0, 8)}/eu-west-1/s3/aws4_request`;
  const key = [`eu-west-1`, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${SECRET}`, time.slice(0, 8)));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hex(request)].join('\n')).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}

describe('objects in S3', () => {
  let server: Server;
  let sent: Sent[];
  /** Each request gets the next of these replies; the last reply is repeated. */
  let replies: ((response: ServerResponse) => void)[];
  let store: ObjectStore;
  let files: FileStore;

  beforeEach(async () => {
    sent = [];
    server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${portOf(server)}`;
    const environment = { ...ENVIRONMENT, AWS_ENDPOINT_URL_S3: endpoint };
    store = createObjectStore('kept', environment, { tries: 2, tryMs: 200 });
    files = createFileStore('kept', environment);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const body = await text(request);
    sent.push({
      method,
      url: new URL(url, `http://${headers.host}`),
      headers: headers as Record<string, string>,
      body,
    });
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    reply?.(response);
  }

  const reply =
    (status: number, body: string | Uint8Array = '', headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(status, headers).end(body);

  test('are read, written, listed and removed by requests with a valid signature', async () => {
    replies = [reply(200, '{"a":1}'), reply(200), reply(200, '<ListBucketResult/>'), reply(204)];

    expect(await store.get('tokens/ab.json')).toBe('{"a":1}');
    expect(await store.put('forms/crops/9.json', '{"ä":"🏠"}')).toBe(true);
    expect(await store.list('owed/', { limit: 1, after: 'owed/a b*' })).toEqual([]);
    await store.remove('owed/publish');

    expect(sent.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'GET /kept/tokens/ab.json',
      'PUT /kept/forms/crops/9.json',
      'GET /kept/',
      'DELETE /kept/owed/publish',
    ]);
    for (const each of sent) {
      expect(each.headers['authorization']).toBe(signatureOf(each));
      expect(each.headers['x-amz-content-sha256']).toBe(hex(each.body));
      expect(each.headers['x-amz-security-token']).toBe('a/session+token=');
    }
  });

  test('hold bytes of any type, and the first bytes can be read alone', async () => {
    const photo = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 0x80]);
    const jpeg = { 'content-type': 'image/jpeg' };
    replies = [reply(200), reply(200, photo, jpeg), reply(206, photo.subarray(0, 3), jpeg), reply(416), reply(404)];

    expect(await files.putBytes('responses/a/files/b', { bytes: photo, type: 'image/jpeg' }, 'absent')).toBe(true);
    expect(await files.getBytes('responses/a/files/b')).toEqual({ bytes: photo, type: 'image/jpeg' });
    expect(await files.getPart('responses/a/files/b', 2, 3)).toEqual(photo.subarray(0, 3));
    expect(await files.getPart('responses/a/files/empty', 0, 3)).toEqual(new Uint8Array());
    expect(await files.getPart('responses/a/files/missing', 0, 3)).toBeUndefined();

    expect(sent[0]?.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'if-none-match': '*',
      'x-amz-content-sha256': createHash('sha256').update(photo).digest('hex'),
    });
    expect(sent[2]?.headers['range']).toBe('bytes=2-4');
  });

  test('are copied inside of the bucket', async () => {
    replies = [reply(200, '<CopyObjectResult/>'), reply(404), reply(200, '<Error><Code>InternalError</Code></Error>')];

    expect(await files.copy('waiting/a/%C3%A4 1', 'responses/b/files/c')).toBe(true);
    expect(await files.copy('waiting/none', 'responses/b/files/c')).toBe(false);
    await expect(files.copy('waiting/a', 'responses/b')).rejects.toMatchObject({ name: 'ObjectStoreError' });

    expect(sent[0]).toMatchObject({
      method: 'PUT',
      headers: { 'x-amz-copy-source': '/kept/waiting/a/%25C3%25A4%201' },
    });
    expect(sent[0]?.headers['authorization']).toBe(sent[0] && signatureOf(sent[0]));
  });

  test('of a prefix are removed', async () => {
    const listed = ['a/1', 'a/it&apos;s'].map((key) => `<Contents><Key>${key}</Key></Contents>`);
    replies = [reply(200, listed.join('')), reply(204), reply(204), reply(200, '<ListBucketResult/>')];

    await removePrefix(files, 'a/');

    expect(sent.map(({ method, url }) => `${method} ${decodeURIComponent(url.pathname)}`).toSorted()).toEqual([
      'DELETE /kept/a/1',
      "DELETE /kept/a/it's",
      'GET /kept/',
      'GET /kept/',
    ]);
  });

  test.each([
    ['eu-west-1', 'https://kept.s3.eu-west-1.amazonaws.com/tokens/ab.json'],
    ['cn-north-1', 'https://kept.s3.cn-north-1.amazonaws.com.cn/tokens/ab.json'],
  ])('of a bucket in %s are at %s', async (region, address) => {
    const asked: string[] = [];
    const send = (url: string): Promise<Response> => {
      asked.push(url);
      return Promise.resolve(new Response('{}'));
    };

    await createObjectStore('kept', { ...ENVIRONMENT, AWS_REGION: region }, undefined, send).get('tokens/ab.json');

    expect(asked).toEqual([address]);
  });

  test('that are missing are undefined; an object that the role cannot read is an error, because it may exist', async () => {
    replies = [reply(404), reply(403)];

    expect(await store.get('tokens/ab.json')).toBeUndefined();
    const refused = { name: 'ObjectStoreError', status: 403 };
    await expect(store.get('tokens/ab.json')).rejects.toMatchObject(refused);
    await expect(files.getBytes('responses/a/files/b')).rejects.toMatchObject(refused);
    await expect(files.getPart('responses/a/files/b', 0, 3)).rejects.toMatchObject(refused);
  });

  test('are written conditionally: if absent, or if unchanged', async () => {
    replies = [reply(412), reply(404), reply(200)];

    expect(await store.put('tokens/ab.json', '{}', 'absent')).toBe(false);
    expect(await store.put('tokens/ab.json', '{}', { etag: 'abc' })).toBe(false);
    expect(await store.put('tokens/ab.json', '{}', { etag: 'abc' })).toBe(true);

    expect(sent.map(({ headers }) => [headers['if-none-match'], headers['if-match']])).toEqual([
      ['*', undefined],
      [undefined, '"abc"'],
      [undefined, '"abc"'],
    ]);
  });

  test('are listed completely over several pages', async () => {
    const page = (from: number, count: number): string =>
      Array.from({ length: count }, (_, index) => {
        const key = `tokens/${String(from + index).padStart(6, '0')}`;
        return `<Contents><Key>${key}</Key><LastModified>2026-09-01T06:00:00.000Z</LastModified><ETag>&quot;${'0a'.repeat(16)}&quot;</ETag></Contents>`;
      }).join('');
    replies = [reply(200, page(0, 1_000)), reply(200, page(1_000, 1))];

    const listed = await listAll(store, 'tokens/');

    expect(listed).toHaveLength(1_001);
    expect(listed.at(-1)).toEqual({
      key: 'tokens/001000',
      etag: '0a'.repeat(16),
      modified: Date.parse('2026-09-01T06:00:00.000Z'),
    });
    expect(sent[1]?.url.searchParams.get('start-after')).toBe('tokens/000999');
  });

  test.each([
    ['a failure of the service', reply(503)],
    ['a broken connection', (response: ServerResponse) => void response.destroy()],
    ['no reply in time', () => undefined],
  ])('are retried once after %s', async (_what, failure) => {
    replies = [failure, reply(200, '{}')];
    expect(await store.get('tokens/ab.json')).toBe('{}');

    replies = [failure];
    await expect(store.get('tokens/ab.json')).rejects.toMatchObject({ name: 'ObjectStoreError' });
    expect(sent).toHaveLength(4);
  });

  test('are not requested again after the caller’s signal aborts', async () => {
    replies = [() => undefined];

    await expect(store.get('tokens/ab.json', AbortSignal.abort())).rejects.toMatchObject({ name: 'ObjectStoreError' });
    expect(sent).toEqual([]);
  });
});
