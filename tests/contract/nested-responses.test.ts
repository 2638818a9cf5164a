/** Responses with groups, repeats and calculations, from the phone to the database and back. */
import { createHandler as createCollect } from '../../collect-lambdas/collect/routes.ts';
import { createHandler as createForms } from '../../collect-lambdas/forms/routes.ts';
import { createFormStore } from '../../collect-lambdas/shared/form-store.ts';
import { createSnapshot } from '../../collect-lambdas/shared/snapshot.ts';
import { writeMessage } from '../../collect-lambdas/shared/write-message.ts';
import { everyDatabaseKind } from '../support/databases.ts';
import { httpEvent, readReply } from '../support/http-event.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { changeRecorder, MemoryStore } from '../support/memory-store.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { anyJob, RecordingQueue } from '../support/recording-queue.ts';
import { metadata } from '../support/responses.ts';

const isSick = { fact: 'house/people/sick', operator: 'equal', value: true };
const DEFINITION = {
  title: 'Homes',
  questions: [
    {
      name: 'house',
      type: 'group',
      questions: [
        { name: 'place', type: 'geopoint', required: false },
        {
          name: 'people',
          type: 'repeat',
          questions: [
            {
              name: 'age',
              type: 'integer',
              constraint: {
                message: 'Person {house/people}.',
                conditions: { fact: 'house/people/age', operator: 'lessThan', value: 120 },
              },
            },
            { name: 'sick', type: 'boolean', required: false },
            { name: 'signs', type: 'select_multiple', options: ['fever', 'cough'], relevant: isSick },
            { name: 'copy', type: 'calculate', value: 'house/people/signs' },
            { name: 'next', type: 'calculate', value: { add: ['house/people/age', 1] } },
            { name: 'visits', type: 'repeat', questions: [{ name: 'cost', type: 'decimal', places: 2 }] },
          ],
        },
      ],
    },
    { name: 'spent', type: 'calculate', value: { sum: { sum: 'house/people/visits/cost' } } },
  ],
};
const HOUSE = {
  place: { latitude: -1.5, longitude: 36.25, accuracy: 4 },
  people: [
    { age: 41, sick: true, signs: ['cough', 'fever'], visits: [{ cost: '2.50' }, { cost: 0.1 }] },
    { age: 130, sick: false, copy: null, next: 130.5, visits: [] },
  ],
};

describe.each(everyDatabaseKind)('responses with groups and repeats on %s', (kind) => {
  let proxy: InProcessProxy;
  let formId: string;
  let queue: RecordingQueue;
  let send: (body: unknown) => Promise<ReturnType<typeof readReply>>;
  let put: (definition: unknown) => Promise<ReturnType<typeof readReply>>;
  let get: () => Promise<ReturnType<typeof readReply>>;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(async () => {
    formId = `homes_${(count += 1)}`;
    queue = new RecordingQueue();
    const logger = new RecordingLogger();
    const store = new MemoryStore();
    const shared = { dbProxy: proxy, logger };
    const forms = createForms({
      ...anyJob,
      files: new MemoryStore(),
      ...shared,
      recordChange: changeRecorder(logger, store),
      now: Date.now,
    });
    const collect = createCollect({
      ...shared,
      forms: createFormStore(proxy, createSnapshot(store), logger, Date.now),
      enqueue: queue.send,
      triggerPublish: () => Promise.resolve(),
      now: Date.now,
    });
    const path = { form_id: formId };
    put = async (body) => readReply(await forms(httpEvent('PUT /forms/{form_id}', { path, body })));
    get = async () => readReply(await forms(httpEvent('GET /forms/{form_id}', { path })));
    send = async (body) => readReply(await collect(httpEvent('POST /forms/{form_id}/responses', { path, body })));
    await put(DEFINITION);
  });
  afterEach(() => {
    proxy.failWith = undefined;
  });
  afterAll(() => proxy.stop());

  test('are unchanged if a phone sends what the reply returned', async () => {
    const sent = { ...metadata(), house: HOUSE };

    const first = await send(sent);
    const returned: unknown = Reflect.get(Object(first.body), 'response');
    const again = [await send(returned), await send(sent)];

    expect(first).toMatchObject({
      status: 201,
      body: {
        status: 'flagged',
        flags: [{ rule: 'house/people/age', entry: '/house/people/1', message: 'Person 2.' }],
      },
    });
    expect(returned).toMatchObject({
      house: {
        place: HOUSE.place,
        people: [
          { signs: ['cough', 'fever'], copy: ['cough', 'fever'], next: 42, visits: [{ cost: '2.50' }, { cost: 0.1 }] },
          { age: 130, next: 131, next_sent: 130.5 },
        ],
      },
      spent: 2.6,
    });
    expect(again).toMatchObject([
      { status: 200, body: { status: 'flagged', revision: 1 } },
      { status: 200, body: { status: 'flagged', revision: 1 } },
    ]);
    const { response } = await proxy.call('getResponse', { response_id: sent.response_id });
    expect(response?.response).toEqual(returned);
  });

  test('are queued as they are stored, and flagged', async () => {
    const sent = { ...metadata(), house: HOUSE };
    await send({ ...metadata(), house: { people: [] } });
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    const reply = await send(sent);

    expect(reply).toMatchObject({ status: 202, body: { status: 'queued', flags: [{ entry: '/house/people/1' }] } });
    proxy.failWith = undefined;
    const [message] = queue.messages;
    const { input } = writeMessage.parse(JSON.parse(message?.body ?? ''));
    await proxy.call('saveResponses', input);
    expect(await send(sent)).toMatchObject({ status: 200, body: { status: 'flagged', revision: 1 } });
  });

  test('are read by a form that is unchanged if what GET returned is stored again', async () => {
    const { body } = await get();

    expect(await put(body)).toMatchObject({ status: 200, body: { version: 1 } });
  });
});
