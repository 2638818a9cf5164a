/** Forms with photos, from the request to the reply that names the missing ones. */
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { emptySnapshot } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { metadata } from '../../tests/support/responses.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { createFormStore } from '../shared/form-store.ts';
import { writeMessage } from '../shared/write-message.ts';
import { createHandler } from './routes.ts';

const definition = readDefinition({
  form_id: 'visits',
  title: 'Visits',
  questions: [
    { name: 'front', type: 'image', required: false },
    { name: 'note', type: 'text', required: false },
    {
      name: 'rooms',
      type: 'repeat',
      questions: [
        { name: 'photo', type: 'image', required: false },
        { name: 'about', type: 'group', questions: [{ name: 'sound', type: 'audio', required: false }] },
      ],
    },
  ],
});

describe('a form with photos', () => {
  let proxy: InProcessProxy;
  let queue: RecordingQueue;
  let handler: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
    await proxy.call('putForm', { form_id: 'visits', definition });
  });
  beforeEach(() => {
    proxy.failWith = undefined;
    const logger = new RecordingLogger();
    queue = new RecordingQueue();
    const forms = createFormStore(proxy, emptySnapshot(), logger, () => 0);
    const triggerPublish = () => Promise.resolve();
    handler = createHandler({ dbProxy: proxy, forms, logger, enqueue: queue.send, triggerPublish, now: Date.now });
  });
  afterAll(() => proxy.stop());

  const send = async (route: string, body: unknown) =>
    readReply(
      await handler(httpEvent(`POST /forms/{form_id}/responses${route}`, { path: { form_id: 'visits' }, body })),
    );
  const visit = (changes: object = {}) => ({ ...metadata(), front: 'front.jpg', note: 'note.jpg', ...changes });

  test('names the photos that have not arrived, those of repeats included', async () => {
    const body = visit({ rooms: [{ photo: 'kitchen.jpg', about: { sound: 'drip.m4a' } }, { photo: 'front.jpg' }] });

    expect(await send('', body)).toMatchObject({
      status: 201,
      body: {
        status: 'flagged',
        flags: [
          {
            rule: 'MissingAttachment',
            message: expect.stringContaining('front.jpg, kitchen.jpg, drip.m4a') as string,
            questions: ['front', 'rooms/photo', 'rooms/about/sound'],
          },
        ],
      },
    });
  });

  test('names the missing photos for each response of a batch', async () => {
    expect(await send('/batch', [visit(), visit({ front: null })])).toMatchObject({
      body: { results: [{ status: 'flagged', flags: [{ rule: 'MissingAttachment' }] }, { status: 'accepted' }] },
    });
  });

  test('queues the names of its photos with the response while the database is unavailable', async () => {
    await send('', visit());
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    expect(await send('', visit())).toMatchObject({ status: 202 });

    const [message] = queue.messages;
    const { input } = writeMessage.parse(JSON.parse(message?.body ?? 'null'));
    expect(input.responses).toMatchObject([{ expects: ['front.jpg'] }]);
  });
});
