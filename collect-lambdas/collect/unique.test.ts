/** Forms with answers that no two responses should share, from the request to the stored flag. */
import { readFileSync } from 'node:fs';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { metadata } from '../../tests/support/responses.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { createFormStore } from '../shared/form-store.ts';
import { createSnapshot, formObject } from '../shared/snapshot.ts';
import { writeMessage } from '../shared/write-message.ts';
import { createHandler } from './routes.ts';

const example = (name: string): object => JSON.parse(readFileSync(`docs/examples/${name}.json`, 'utf8'));
const definition = example('registration');

test('the definition in docs/forms.md equals docs/examples/registration.json', () => {
  const [, section = ''] = readFileSync('docs/forms.md', 'utf8').split('\n## Duplicates\n');
  const [, shown = ''] = /```json\n(.*?)```/s.exec(section) ?? [];

  expect(JSON.parse(shown)).toEqual(definition);
});

describe('a form with unique answers', () => {
  let proxy: InProcessProxy;
  let queue: RecordingQueue;
  let handler: ReturnType<typeof createHandler>;
  let formId: string;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
  });
  beforeEach(async () => {
    proxy.failWith = undefined;
    formId = `people_${(count += 1)}`;
    const logger = new RecordingLogger();
    const store = new MemoryStore();
    queue = new RecordingQueue();
    const forms = createFormStore(proxy, createSnapshot(store), logger, () => 0);
    const triggerPublish = () => Promise.resolve();
    handler = createHandler({ dbProxy: proxy, forms, logger, enqueue: queue.send, triggerPublish, now: Date.now });
    const read = readDefinition({ form_id: formId, ...definition });
    const stored = await proxy.call('putForm', { form_id: formId, definition: read });
    if (stored.form !== null) await store.keep(formObject(stored.form));
  });
  afterAll(() => proxy.stop());

  const send = async (route: string, body: unknown) =>
    readReply(await handler(httpEvent(`POST /forms/{form_id}/responses${route}`, { path: { form_id: formId }, body })));
  const person = (changes: object = {}) => ({
    ...metadata(),
    full_name: `Person ${Math.random()}`,
    born: '1990-04-12',
    id_card: 'KE 1',
    ...changes,
  });

  test('flags the second registration of the example, as docs/forms.md says', async () => {
    const [first, second] = [example('registration-1'), example('registration-2')];

    expect(await send('', first)).toMatchObject({ status: 201, body: { status: 'accepted', flags: [] } });
    expect(await send('', second)).toEqual({
      status: 201,
      headers: expect.any(Object),
      body: {
        response_id: 'registration-2',
        status: 'flagged',
        revision: 1,
        flags: [
          {
            rule: 'DuplicateRegistration',
            message: 'Response registration-1 has the card ke 123456 too. Check the number.',
            questions: ['id_card'],
            values: { id_card: 'ke 123456' },
          },
          {
            rule: 'SamePerson',
            message: 'Response registration-1 has the same answers to: full_name, born.',
            questions: ['full_name', 'born'],
            values: { full_name: ' amina  otieno', born: '1990-04-12' },
          },
        ],
        response: second,
      },
    });
  });

  test('returns the flags again when the response is sent again', async () => {
    const [first, second] = [person(), person()];
    await send('', first);
    const { body } = await send('', second);

    expect(await send('', first)).toMatchObject({ status: 200, body: { status: 'accepted', flags: [] } });
    expect(await send('', second)).toMatchObject({ status: 200, body });
  });

  test('flags no response that leaves the question out, or that was submitted 31 days later', async () => {
    await send('', person());

    expect(await send('', person({ id_card: undefined }))).toMatchObject({ body: { status: 'accepted' } });
    expect(await send('', person({ id_card: '' }))).toMatchObject({ body: { status: 'accepted' } });
    const later = { submitted_time: '2026-10-02T06:00:00Z', last_modified_time: '2026-10-02T06:00:00Z' };
    expect(await send('', person(later))).toMatchObject({ body: { status: 'accepted' } });
  });

  test('accepts a correction of the flagged answer', async () => {
    const [first, second] = [person(), person()];
    await send('', first);
    await send('', second);

    const corrected = { ...second, id_card: 'KE 2', last_modified_time: '2026-09-02T06:00:00Z' };
    expect(await send('', corrected)).toMatchObject({ status: 200, body: { status: 'accepted', revision: 2 } });
  });

  test('flags the duplicates of a batch, and counts them', async () => {
    const [first, second, third] = [person(), person(), person({ id_card: 'KE 3' })];

    const reply = await send('/batch', [first, second, third]);

    expect(reply).toMatchObject({
      status: 200,
      body: {
        results: [
          { status: 'accepted', flags: [] },
          { status: 'flagged', flags: [{ rule: 'DuplicateRegistration' }], response: second },
          { status: 'accepted', flags: [] },
        ],
        summary: { accepted: 2, flagged: 1, unchanged: 0, rejected: 0 },
      },
    });
  });

  test('flags a response that was queued during an outage when it is written, and publishes the flag', async () => {
    await send('', person());
    const second = person();
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    const reply = await send('', second);

    expect(reply).toMatchObject({ status: 202, body: { status: 'queued', flags: [] } });
    proxy.failWith = undefined;
    for (const { body } of queue.messages) {
      await proxy.call('saveResponses', writeMessage.parse(JSON.parse(body)).input);
    }
    const events = (await readOutbox(proxy)).filter(({ response_id: id }) => id === second.response_id);
    expect(events).toMatchObject([{ type: 'flagged', flags: [{ rule: 'DuplicateRegistration' }] }]);
  });

  test('sends no `unique` to the proxy for a form without unique answers', async () => {
    const { unique: _unique, ...without } = { unique: [], ...definition };
    const read = readDefinition({ form_id: `${formId}_b`, ...without });
    await proxy.call('putForm', { form_id: `${formId}_b`, definition: read });
    formId = `${formId}_b`;

    await send('', person());

    const sent = proxy.calls.findLast(({ operation }) => operation === 'saveResponses')?.input;
    expect(JSON.stringify(sent)).not.toContain('"unique"');
  });
});
