/** A photo on its way from a presigned upload to the download, on the whole stack. */
import { createHash, randomBytes } from 'node:crypto';
import { eventually } from '../support/fixture.ts';
import { metadata } from '../support/responses.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const FORM = { title: 'Visits', questions: [{ name: 'front', type: 'image' }] };
const photo = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(300_000)]);
const PHOTO = { name: 'front.jpg', bytes: photo.length, sha256: createHash('sha256').update(photo).digest('hex') };

interface Reply {
  status: number;
  body: {
    upload: { method: string; url: string; headers: Record<string, string> };
    items: { link: string; type: string }[];
    missing: string[];
    flags: { rule: string }[];
    status: string;
  };
}

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
  await call('PUT', '/forms/visits', FORM);
});
afterAll(() => stack.stop());

async function call(method: string, route: string, body?: unknown): Promise<Reply> {
  const reply = await fetch(stack.url + route, {
    method,
    headers: { authorization: `Bearer ${stack.tokens.manager}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, body: text === '' ? null : JSON.parse(text) };
}

async function announce(id: string) {
  const { status, body } = await call('POST', `/responses/${id}/attachments`, PHOTO);
  expect(status).toBe(201);
  return body.upload;
}

/** Sends the announced request, with this body. */
function put({ method, url, headers }: Reply['body']['upload'], body: Buffer): Promise<Response> {
  const { 'content-length': _length, ...sent } = headers;
  return fetch(url, { method, headers: sent, body: new Uint8Array(body) });
}

test('an uploaded photo clears the flag of its response, is downloaded unchanged, and is erased with the response', async () => {
  const response = { ...metadata(), front: 'front.jpg' };
  const id = response.response_id;
  const sent = await call('POST', '/forms/visits/responses', response);
  expect(sent.body).toMatchObject({ status: 'flagged', flags: [{ rule: 'MissingAttachment' }] });

  expect((await put(await announce(id), photo)).status).toBe(200);
  const { items } = await eventually(async () => {
    const { body } = await call('GET', `/responses/${id}/attachments`);
    return body.missing.length === 0 && body;
  });

  expect(items).toMatchObject([{ name: 'front.jpg', type: 'image/jpeg' }]);
  const link = items[0]?.link ?? '';
  const downloaded = await fetch(link);
  expect(Buffer.from(await downloaded.arrayBuffer()).equals(photo)).toBe(true);
  expect(await call('GET', `/responses/${id}`)).toMatchObject({ body: { status: 'accepted', revision: 2, flags: [] } });

  expect(await call('DELETE', `/responses/${id}`)).toMatchObject({ status: 204 });
  expect((await fetch(link)).status).toBe(404);
});

test('a photo may be uploaded before its response', async () => {
  const response = { ...metadata(), front: 'front.jpg' };
  const upload = await announce(response.response_id);
  await put(upload, photo);
  await eventually(async () => {
    const { status } = await call('POST', `/responses/${response.response_id}/attachments`, PHOTO);
    return status === 200;
  });

  expect((await call('POST', '/forms/visits/responses', response)).body).toMatchObject({
    status: 'accepted',
    flags: [],
  });
});

test('other content than announced is refused, and removed if it is stored nevertheless', async () => {
  const response = { ...metadata(), front: 'front.jpg' };
  await call('POST', '/forms/visits/responses', response);
  const upload = await announce(response.response_id);
  const { origin, pathname } = new URL(upload.url);
  const stored = async () => (await fetch(origin + pathname)).status;

  expect((await put(upload, Buffer.concat([photo, Buffer.from('more')]))).status).toBe(403);
  expect((await put(upload, Buffer.concat([photo.subarray(1), photo.subarray(0, 1)]))).status).toBe(400);
  expect(await stored()).toBe(404);

  expect((await fetch(origin + pathname, { method: 'PUT', body: 'another' })).status).toBe(200);
  await eventually(async () => (await stored()) === 404);
  expect((await call('GET', `/responses/${response.response_id}/attachments`)).body).toMatchObject({ items: [] });
});
