import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createFileLinks } from '../../collect-lambdas/shared/presigned-links.ts';
import { serve, type RunningServer } from '../../emulators/http-server.ts';
import { withSignedUploads } from './signed-uploads.ts';

/** A server that stores the last body of each path. */
let server: RunningServer;
let objects: Map<string, string>;
beforeEach(async () => {
  objects = new Map();
  const store = withSignedUploads((request, response) => void keep(request, response), {
    accessKeyId: 'local',
    secretAccessKey: 'secret',
  });
  server = await serve(0, store);
});
afterEach(() => server.close());

async function keep(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  objects.set((request.url ?? '').replace(/\?.*$/, ''), body.toString());
  response.writeHead(200).end();
}

const CONTENT = 'a photo';

/** The URL and the headers that the API gives a client for the upload of {@link CONTENT}. */
async function presigned(secretAccessKey = 'secret') {
  const links = createFileLinks('files', {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.port}`,
  });
  const content = { bytes: CONTENT.length, sha256: hash('sha256', CONTENT), type: 'image/jpeg' };
  return await links.toUpload('uploads/a b', content, 900);
}

async function put(body: string, changes: Record<string, string> = {}, secret?: string): Promise<number> {
  const { url, headers } = await presigned(secret);
  const { 'content-length': _length, ...others } = headers;
  return (await fetch(url, { method: 'PUT', body, headers: { ...others, ...changes } })).status;
}

test('the announced content is stored', async () => {
  expect(await put(CONTENT)).toBe(200);
  expect(objects.get('/files/uploads/a%20b')).toBe(CONTENT);
});

test.each([
  ['another body of the same size', 'a phot0', {}, 400],
  ['another size', `${CONTENT}!`, {}, 403],
  ['another hash than was signed', 'a phot0', { 'x-amz-checksum-sha256': hash('sha256', 'a phot0', 'base64') }, 403],
  ['another content type', CONTENT, { 'content-type': 'text/html' }, 403],
])('%s is refused, and nothing is stored', async (_what, body, changes, status) => {
  expect(await put(body, changes)).toBe(status);
  expect(objects.size).toBe(0);
});

test('an address that was signed with another key is refused', async () => {
  expect(await put(CONTENT, {}, 'another')).toBe(403);
});

test('a write without a signature in its address is passed on', async () => {
  const address = `http://127.0.0.1:${server.port}/files/a`;
  expect((await fetch(address, { method: 'PUT', body: 'any' })).status).toBe(200);
  expect(objects.get('/files/a')).toBe('any');
});
