import { createHash, randomUUID } from 'node:crypto';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import type { AttachedFile } from '../../db-proxy-lambda/contract.ts';
import { createFileLinks } from '../shared/presigned-links.ts';
import { uploadKey } from '../shared/attachment-keys.ts';
import { createHandler } from './routes.ts';

const NOW = Date.parse('2026-09-01T06:00:00Z');
const ENVIRONMENT = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const ROUTE = '/responses/{response_id}/attachments';
const sha256 = createHash('sha256').update('photo').digest('hex');
const PHOTO = { name: 'front.jpg', bytes: 5, sha256, type: 'image/jpeg' };
const OWN = { role: 'collector', user_id: 'collector-1' } as const;
const OTHER = { role: 'collector', user_id: 'collector-2' } as const;

describe('the attachments of a response', () => {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
    const links = createFileLinks('kept', ENVIRONMENT);
    handler = createHandler({ dbProxy: proxy, links, logger: new RecordingLogger(), now: () => NOW });
  });
  afterAll(() => proxy.stop());

  const list = async (id: string, request: HttpRequest = {}) =>
    readReply(await handler(httpEvent(`GET ${ROUTE}`, { path: { response_id: id }, ...request })));
  const add = async (id: string, body: unknown, request: HttpRequest = {}) =>
    readReply(await handler(httpEvent(`POST ${ROUTE}`, { path: { response_id: id }, body, ...request })));
  const save = async (files: AttachedFile[] = [], expects: string[] = []) => {
    const response = incoming({ files, expects, response: { front: 'front.jpg' } });
    await proxy.call('saveResponses', { responses: [response] });
    return response.response_id;
  };

  test('are listed with a link each, beside the expected and the missing ones', async () => {
    const id = await save([{ ...PHOTO, object_key: 'responses/a/files/b' }], ['front.jpg', 'roof.jpg']);

    const reply = await list(id, { caller: OWN });

    expect(reply).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: {
        response_id: id,
        form_id: 'household_finances',
        expected: ['front.jpg', 'roof.jpg'],
        missing: ['roof.jpg'],
        items: [{ ...PHOTO, link: expect.stringMatching(/\/responses\/a\/files\/b\?X-Amz-Expires=900&/) as string }],
      },
    });
    expect(JSON.stringify(reply.body)).not.toContain('object_key');
  });

  test('are 404 for an unknown response, 403 for another collector’s response, 410 for an erased response', async () => {
    const id = await save();
    expect(await list('unknown')).toMatchObject({ status: 404 });
    expect(await list(' ')).toMatchObject({ status: 404 });
    expect(await list(id, { caller: OTHER })).toMatchObject({ status: 403 });
    expect(await add(id, PHOTO, { caller: OTHER })).toMatchObject({ status: 403 });
    await proxy.call('eraseResponse', { response_id: id });
    expect(await list(id)).toMatchObject({ status: 410 });
    expect(await add(id, PHOTO)).toMatchObject({ status: 410 });
  });

  test('are uploaded by a presigned request, even before the response comes; a stored file is not uploaded again', async () => {
    const id = `response-${randomUUID()}`;
    const key = uploadKey(id, PHOTO);

    const reply = await add(id, PHOTO, { caller: OWN });

    expect(reply).toMatchObject({
      status: 201,
      body: {
        status: 'awaited',
        name: 'front.jpg',
        upload: {
          method: 'PUT',
          url: expect.stringContaining(`/${key}?X-Amz-Expires=900&`) as string,
          headers: { 'content-length': '5', 'content-type': 'image/jpeg' },
          expires_at: '2026-09-01T06:15:00.000Z',
        },
      },
    });
    await proxy.call('receiveUpload', { object_key: key, type: 'image/jpeg' });
    expect(await add(id, PHOTO, { caller: OWN })).toMatchObject({ status: 200, body: { status: 'stored' } });
  });

  test.each([
    [{ ...PHOTO, name: '../front.jpg' }, '/name'],
    [{ ...PHOTO, name: ' ' }, '/name'],
    [{ ...PHOTO, bytes: 0 }, '/bytes'],
    [{ ...PHOTO, bytes: 100_000_001 }, '/bytes'],
    [{ ...PHOTO, bytes: 1.5 }, '/bytes'],
    [{ ...PHOTO, sha256: sha256.toUpperCase() }, '/sha256'],
    [{ ...PHOTO, type: 'jpeg' }, '/type'],
    [{ ...PHOTO, type: 'image/jpeg\r\nx-amz-acl: public-read' }, '/type'],
    [{ ...PHOTO, key: 'mine' }, '/key'],
  ])('that are %j are refused at %s', async (body, pointer) => {
    expect(await add('response-1', body)).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test('have the type application/octet-stream if none is sent', async () => {
    const { type: _type, ...untyped } = PHOTO;
    expect(await add('response-1', untyped)).toMatchObject({
      body: { upload: { headers: { 'content-type': 'application/octet-stream' } } },
    });
  });

  test('are at most 2,000 for a response', async () => {
    const id = await save();
    const file = (index: number) => ({ ...PHOTO, name: `${index}.jpg`, object_key: `responses/a/${index}` });
    for (const start of [0, 1_000]) {
      const files = Array.from({ length: 1_000 }, (_, index) => file(start + index));
      await proxy.call('addAttachments', { response_id: id, files });
    }

    expect(await add(id, PHOTO)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } });
  });
});
