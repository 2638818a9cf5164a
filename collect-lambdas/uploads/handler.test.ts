import { createHash, randomUUID } from 'node:crypto';
import type { SQSRecord } from 'aws-lambda';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import { uploadKey } from '../shared/attachment-keys.ts';
import { createHandler } from './handler.ts';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff, ...Buffer.from('a photo')]);
const sha256 = createHash('sha256').update(JPEG).digest('hex');

describe('an uploaded file', () => {
  let proxy: InProcessProxy;
  let files: MemoryStore;
  let logger: RecordingLogger;
  let postponed: string[];
  let buried: string[];
  let reasons: string[];
  let handler: ReturnType<typeof createHandler>;
  let id: string;
  let key: string;
  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
  });
  beforeEach(async () => {
    proxy.failWith = undefined;
    files = new MemoryStore();
    logger = new RecordingLogger();
    postponed = [];
    buried = [];
    reasons = [];
    handler = createHandler({
      dbProxy: proxy,
      files,
      logger,
      deadLetter: (_messageId, [body = ''], reason) => Promise.resolve(buried.push(body) + reasons.push(reason) > 0),
      backOff: (records) => Promise.resolve(void postponed.push(...records.map(({ messageId }) => messageId))),
    });
    id = `response-${randomUUID()}`;
    key = uploadKey(id, { name: 'a b.jpg', sha256 });
    const file = { name: 'a b.jpg', object_key: key, sha256, bytes: JPEG.byteLength, type: 'text/html' };
    await proxy.call('awaitUpload', { response_id: id, file });
    await proxy.call('saveResponses', {
      responses: [incoming({ response_id: id, response: { front: 'a b.jpg' }, expects: ['a b.jpg'] })],
    });
  });
  afterAll(() => proxy.stop());

  const put = (bytes: Uint8Array<ArrayBuffer> = JPEG) => files.putBytes(key, { bytes, type: 'text/html' });
  const message = (body: unknown, messageId = 'message-1') =>
    ({ messageId, body: typeof body === 'string' ? body : JSON.stringify(body) }) as SQSRecord;
  const told = (...keys: string[]) => message({ Records: keys.map((each) => ({ s3: { object: { key: each } } })) });
  const tell = (...Records: SQSRecord[]) => handler({ Records });
  const list = () => proxy.call('listAttachments', { response_id: id });
  const DONE = { batchItemFailures: [] };

  test('is added to its response, with the type of its content', async () => {
    await put();

    expect(await tell(told(encodeURIComponent(key).replaceAll('%2F', '/')))).toEqual(DONE);
    expect(await tell(told(key))).toEqual(DONE);

    expect(await list()).toMatchObject({ items: [{ name: 'a b.jpg', type: 'image/jpeg' }], missing: [] });
    expect(files.keys()).toEqual([key]);
  });

  test('with content other than announced is removed', async () => {
    await put(new Uint8Array([...JPEG, 0]));

    expect(await tell(told(key))).toEqual(DONE);

    expect(files.keys()).toEqual([]);
    expect(await list()).toMatchObject({ items: [], missing: ['a b.jpg'] });
    expect(logger.text).toContain('upload removed');
  });

  test('of a response that was erased meanwhile is removed', async () => {
    await put();
    await proxy.call('eraseResponse', { response_id: id });

    expect(await tell(told(key))).toEqual(DONE);

    expect(files.keys()).toEqual([]);
  });

  test('that was removed meanwhile is ignored, and so is the test message of S3', async () => {
    expect(await tell(told(key), message({ Event: 's3:TestEvent', Service: 'Amazon S3' }))).toEqual(DONE);
    expect(buried).toEqual([]);
  });

  test('is added later if the database or S3 is unavailable', async () => {
    await put();
    const failures = { batchItemFailures: [{ itemIdentifier: 'message-1' }, { itemIdentifier: 'message-2' }] };
    const both = [told(key), { ...told(key), messageId: 'message-2' }];
    proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect(await tell(...both)).toEqual(failures);
    proxy.failWith = undefined;
    files.failing = () => true;
    expect(await tell(...both)).toEqual(failures);
    expect(postponed).toEqual(['message-1', 'message-2', 'message-1', 'message-2']);

    files.failing = () => false;
    expect(await tell(...both)).toEqual(DONE);
    expect(await list()).toMatchObject({ missing: [] });
  });

  test.each(['not JSON', '{}', '{"Records":[{}]}'])(
    'whose message is not a notification (%s) becomes a dead letter',
    async (body) => {
      expect(await tell(message(body))).toEqual(DONE);

      expect(buried).toEqual([body]);
      expect(reasons).toEqual(['It is not a notification of an upload.']);
    },
  );

  test('that the db-proxy refuses becomes a dead letter that names its error', async () => {
    await put();
    proxy.failWith = 'INVALID_REQUEST';

    expect(await tell(told(key))).toEqual(DONE);

    expect(buried).toHaveLength(1);
    expect(reasons).toEqual(['The db-proxy refuses it: INVALID_REQUEST.']);
    expect(files.keys()).toEqual([key]);
  });
});
