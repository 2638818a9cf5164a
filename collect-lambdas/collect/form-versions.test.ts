/** Responses of phones that hold earlier versions of a form. */
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { metadata } from '../../tests/support/responses.ts';
import { createFormStore } from '../shared/form-store.ts';
import { createSnapshot, formObject } from '../shared/snapshot.ts';
import { createHandler } from './routes.ts';

const bags = { key: 'bags', column: 'bags', type: 'integer' };
const roof = { key: 'roof', column: 'roof', type: 'text' };
const district = { key: 'district', column: 'district', type: 'text' };
const fewBags = {
  name: 'FewBags',
  message: 'No household has {bags} bags.',
  conditions: { fact: 'bags', operator: 'lessThan', value: 100 },
};
const tinRoof = {
  name: 'TinRoof',
  message: 'Look at the roof again.',
  conditions: { fact: 'roof', operator: 'notEqual', value: 'gold' },
};

const roofIfBags = {
  name: 'RoofIfBags',
  message: 'Write down the roof.',
  conditions: {
    any: [
      { fact: 'bags', operator: 'equal', value: 0 },
      { fact: 'roof', operator: 'answered' },
    ],
  },
};

describe('a form with three versions', () => {
  let proxy: InProcessProxy;
  let store: MemoryStore;
  let queue: RecordingQueue;
  let now: number;
  let handler: ReturnType<typeof createHandler>;
  let formId: string;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
  });
  beforeEach(async () => {
    proxy.failWith = undefined;
    formId = `crops_${(count += 1)}`;
    now = 0;
    const logger = new RecordingLogger();
    store = new MemoryStore();
    queue = new RecordingQueue();
    const forms = createFormStore(proxy, createSnapshot(store), logger, () => now);
    const triggerPublish = () => Promise.resolve();
    handler = createHandler({ dbProxy: proxy, forms, logger, enqueue: queue.send, triggerPublish, now: Date.now });
    await put({ questions: [bags] });
    await put({ questions: [bags, roof], rules: [fewBags] });
  });
  afterAll(() => proxy.stop());

  async function put(changes: object): Promise<void> {
    const definition = { form_id: formId, title: 'Crops', facts: [], rules: [], ...changes };
    const stored = await proxy.call('putForm', { form_id: formId, definition });
    if (stored.form !== null) await store.keep(formObject(stored.form));
  }

  const send = async (route: string, body: unknown) =>
    readReply(await handler(httpEvent(`POST /forms/{form_id}/responses${route}`, { path: { form_id: formId }, body })));
  const collect = (body: unknown) => send('', body);

  async function stored(responseId: unknown) {
    const { items } = await proxy.call('listRevisions', { response_id: String(responseId), after_revision: 0 });
    return items.map(({ form_version, rules_version, status }) => [form_version, rules_version, status]);
  }

  test('reads a response by the form version that it names, and checks it by the newest rules', async () => {
    const first = metadata();
    const second = metadata();

    const replies = [
      await collect({ ...first, form_version: 1, bags: 500 }),
      await collect({ ...second, form_version: 2, bags: 5, roof: 'tin' }),
    ];

    expect(replies).toMatchObject([
      { status: 201, body: { status: 'flagged', flags: [{ rule: 'FewBags' }], response: { ...first, bags: 500 } } },
      { status: 201, body: { status: 'accepted' } },
    ]);
    expect(await stored(first['response_id'])).toEqual([[1, 2, 'flagged']]);
    expect(await stored(second['response_id'])).toEqual([[2, 2, 'accepted']]);
  });

  test('does not store form_version among the answers, so a retry without it is unchanged', async () => {
    const response = { ...metadata(), bags: 5 };
    await collect({ ...response, form_version: 1 });

    expect(await collect(response)).toMatchObject({ status: 200, body: { revision: 1 } });
    const { response: kept } = await proxy.call('getResponse', { response_id: response.response_id });
    expect(kept?.form_version).toBe(1);
    expect(kept?.response).toEqual(response);
  });

  test('reads a response without form_version by the newest version that it fits', async () => {
    const [old, latest] = [metadata(), metadata()];

    await collect({ ...old, bags: 5 });
    await collect({ ...latest, bags: 5, roof: 'tin', form_version: null });

    expect(await stored(old['response_id'])).toEqual([[1, 2, 'accepted']]);
    expect(await stored(latest['response_id'])).toEqual([[2, 2, 'accepted']]);
  });

  test('skips a rule if the version of the response lacks a question of the rule', async () => {
    await put({ questions: [bags, roof], rules: [fewBags, tinRoof] });

    expect(await collect({ ...metadata(), form_version: 1, bags: 5 })).toMatchObject({ body: { status: 'accepted' } });
    expect(await collect({ ...metadata(), form_version: 2, bags: 5, roof: 'gold' })).toMatchObject({
      body: { flags: [{ rule: 'TinRoof' }] },
    });
  });

  test('skips a rule with `answered` if the version of the response lacks the question', async () => {
    await put({ questions: [bags, { ...roof, required: false }], rules: [roofIfBags] });

    expect(await collect({ ...metadata(), form_version: 1, bags: 5 })).toMatchObject({ body: { status: 'accepted' } });
    expect(await collect({ ...metadata(), form_version: 3, bags: 5 })).toMatchObject({
      body: { flags: [{ rule: 'RoofIfBags' }] },
    });
  });

  test('refuses a response that fits no version, and lists its faults by the newest version', async () => {
    expect(await collect({ ...metadata(), bags: 'many' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/bags' }, { pointer: '/roof', detail: expect.stringContaining('missing') }] },
    });
  });

  test.each([0, 1.5, -1, '1', 1e9, {}])('refuses form_version %j with a fault that names it', async (version) => {
    expect(await collect({ ...metadata(), bags: 5, form_version: version })).toMatchObject({
      status: 422,
      body: { type: 'urn:collect:problem:invalid-response', errors: [{ pointer: '/form_version' }] },
    });
  });

  test('refuses a response that does not fit the version that it names, although it fits another', async () => {
    expect(await collect({ ...metadata(), form_version: 2, bags: 5 })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/roof' }] },
    });
  });

  test('refuses an unknown version and names the newest', async () => {
    expect(await collect({ ...metadata(), form_version: 3, bags: 5 })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/form_version', detail: expect.stringContaining('the newest is 2') }] },
    });
  });

  test('accepts a response to a new version immediately, even if an earlier version is cached', async () => {
    await collect({ ...metadata(), bags: 5, roof: 'tin' });
    now += 1;
    await put({ questions: [bags, district], rules: [fewBags] });
    const [declared, undeclared] = [metadata(), metadata()];

    await collect({ ...declared, form_version: 3, bags: 5, district: 'Wajir' });
    expect(await stored(declared['response_id'])).toEqual([[3, 3, 'accepted']]);

    now += 1;
    await put({ questions: [bags, roof, district], rules: [fewBags] });
    await collect({ ...undeclared, bags: 500, roof: 'tin', district: 'Wajir' });
    expect(await stored(undeclared['response_id'])).toEqual([[4, 4, 'flagged']]);
  });

  test('fetches the newest version once per batch, even if several responses are refused', async () => {
    const bad = Array.from({ length: 5 }, () => ({ ...metadata(), bags: 'many' }));
    const mixed = [...bad, { ...metadata(), bags: 5 }, { ...metadata(), form_version: 1, bags: 6 }];
    await collect({ ...metadata(), bags: 5, roof: 'tin' });
    now += 1;
    proxy.calls.length = 0;

    const reply = await send('/batch', mixed);

    expect(reply).toMatchObject({ status: 200, body: { summary: { accepted: 2, rejected: 5 } } });
    const asked = proxy.calls.filter(({ operation }) => operation === 'getForm').map(({ input }) => input);
    expect(asked).toEqual([{ form_id: formId }, { form_id: formId, version: 1 }]);
  });

  test('accepts a correction with the form version of the original or a later one, and refuses an earlier one', async () => {
    const response = { ...metadata(), bags: 500 };
    const at = (minute: number) => ({ last_modified_time: `2026-09-01T09:0${minute}:00+02:00` });
    await put({ questions: [bags, { ...roof, required: false }], rules: [fewBags] });
    await collect({ ...response, ...at(1), form_version: 1 });

    expect(await collect({ ...response, ...at(2), form_version: 3 })).toMatchObject({ body: { revision: 2 } });
    expect(await collect({ ...response, ...at(3), form_version: 1, bags: 50 })).toMatchObject({
      body: { revision: 3 },
    });
    expect(await stored(response.response_id)).toEqual([
      [1, 3, 'flagged'],
      [3, 3, 'flagged'],
      [1, 3, 'accepted'],
    ]);

    const other = { ...metadata(), bags: 500, roof: 'tin' };
    await collect({ ...other, ...at(1), form_version: 2 });
    expect(await collect({ ...other, ...at(2), roof: undefined, form_version: 1 })).toMatchObject({
      status: 409,
      body: { type: 'urn:collect:problem:older-form-version', current: { revision: 1 } },
    });
  });

  test('accepts a correction without a version, even if it fits only an earlier version than the original', async () => {
    const response = metadata();
    const at = (minute: number) => ({ last_modified_time: `2026-09-01T09:0${minute}:00+02:00` });
    await put({ questions: [{ ...bags, max: 1000 }] });
    await put({ questions: [{ ...bags, max: 10 }] });
    await collect({ ...response, ...at(1), bags: 5 });

    expect(await collect({ ...response, ...at(2), bags: 500 })).toMatchObject({ status: 200, body: { revision: 2 } });
  });

  test('finds the version that a response fits among any number of versions with other labels, but among at most 20 with other questions', async () => {
    const relabel = async (times: number, question: object) => {
      for (let n = 0; n < times; n += 1) await put({ questions: [{ ...question, label: `Label ${n}` }] });
    };
    const response = { ...metadata(), bags: 5 };
    await relabel(25, { ...roof, key: 'wall' });

    expect(await collect(response)).toMatchObject({ status: 201 });
    expect(await stored(response.response_id)).toEqual([[1, 27, 'accepted']]);
    for (let n = 0; n < 20; n += 1) await put({ questions: [{ ...roof, key: `wall_${n}` }] });
    now = 60_000;
    expect(await collect({ ...metadata(), bags: 5 })).toMatchObject({ status: 422 });
  });

  describe('while the database is down', () => {
    beforeEach(() => {
      proxy.failWith = 'DATABASE_UNAVAILABLE';
    });

    test('reads each version from the snapshot and queues the response', async () => {
      const replies = [
        await collect({ ...metadata(), form_version: 1, bags: 500 }),
        await collect({ ...metadata(), bags: 5 }),
        await collect({ ...metadata(), form_version: 2, bags: 5, roof: 'tin' }),
      ];

      expect(replies).toMatchObject([
        { status: 202, body: { flags: [{ rule: 'FewBags' }] } },
        { status: 202, body: { flags: [] } },
        { status: 202, body: { flags: [] } },
      ]);
      const queued = queue.messages.flatMap(({ body }) => JSON.parse(body).input.responses);
      expect(queued).toMatchObject([
        { form_version: 1, rules_version: 2 },
        { form_version: 1, rules_version: 2 },
        { form_version: 2, rules_version: 2 },
      ]);
    });

    test('replies 503 to a version that the snapshot lacks, because the database may have it', async () => {
      expect(await collect({ ...metadata(), form_version: 3, bags: 5 })).toMatchObject({ status: 503 });
    });

    test('queues the responses of a batch, and asks to send again those whose version cannot be looked up', async () => {
      const good = { ...metadata(), form_version: 1, bags: 5 };

      const reply = await send('/batch', [{ ...metadata(), form_version: 99, bags: 5 }, good]);

      expect(reply).toMatchObject({
        status: 202,
        body: {
          results: [
            { status: 'rejected', problem: { type: 'urn:collect:problem:not-processed' } },
            { status: 'queued', response_id: good.response_id },
          ],
        },
      });
    });

    test('replies 503 to a response that fits no cached version if the snapshot cannot be read either', async () => {
      proxy.failWith = undefined;
      await collect({ ...metadata(), bags: 5, roof: 'tin' });
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      store.failing = () => true;

      expect(await collect({ ...metadata(), bags: 'many' })).toMatchObject({ status: 503 });
      expect(await collect({ ...metadata(), bags: 6, roof: 'tin' })).toMatchObject({ status: 202 });
    });
  });
});
