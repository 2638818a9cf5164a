import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { emptySnapshot, MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import {
  BREAKS_RULE1,
  CABLE,
  EXPENDITURE,
  FOOD,
  FUEL,
  HEALTHCARE,
  household,
  INCOME,
  SAVINGS,
} from '../../tests/support/responses.ts';
import { ERROR_CODES, type ErrorCode } from '../../db-proxy-lambda/contract.ts';
import { createFormStore } from '../shared/form-store.ts';
import { createSnapshot, formObject } from '../shared/snapshot.ts';
import { createHandler } from './routes.ts';

/** The time on the server's clock. */
const NOW = Date.parse('2026-10-15T12:00:00Z');

describe.each(databaseKinds)('POST /collect on %s:', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  let now: number;
  let queue: RecordingQueue;
  /** How often the publisher was triggered. */
  let triggered: number;
  /** The bucket with the snapshot. */
  let store: MemoryStore;
  let handler: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => {
    proxy.failWith = undefined;
    proxy.calls.length = 0;
    logger = new RecordingLogger();
    now = 0;
    queue = new RecordingQueue();
    triggered = 0;
    store = new MemoryStore();
    const forms = createFormStore(proxy, createSnapshot(store), logger, () => now);
    handler = createHandler({ dbProxy: proxy, forms, logger, enqueue: queue.send, triggerPublish, now: () => NOW });
  });
  const triggerPublish = () => Promise.resolve(void (triggered += 1));
  afterAll(() => proxy.stop());

  async function send(routeKey: string, request: HttpRequest = {}) {
    return readReply(await handler(httpEvent(routeKey, request)));
  }

  const collect = (body: unknown) => send('POST /collect', { body });

  async function history(responseId: unknown) {
    const input = { response_id: String(responseId), after_revision: 0 };
    const { items } = await proxy.call('listRevisions', input);
    return items;
  }

  describe('a response that can be checked', () => {
    test('gets 201 and is accepted if it is new and breaks no rule', async () => {
      const response = household();

      const reply = await collect(response);

      expect(reply).toEqual({
        status: 201,
        headers: { 'content-type': 'application/json' },
        body: { response_id: response['response_id'], status: 'accepted', revision: 1, flags: [] },
      });
    });

    test('triggers the publisher after the proxy has replied, even when it is sent again, but not when it is queued', async () => {
      const response = household();

      await collect(response);
      await collect(response);
      expect(triggered).toBe(2);

      proxy.failWith = 'DATABASE_UNAVAILABLE';
      expect(await collect(response)).toMatchObject({ status: 202 });
      expect(triggered).toBe(2);
    });

    test('is returned with its flags, and saved as flagged, if it breaks a rule', async () => {
      const response = household({ [FOOD]: '300.50', [FUEL]: 700 });

      const reply = await collect(response);

      const flag = {
        rule: 'Rule1',
        message: expect.stringMatching(/expenditure is 800, .*food 300\.50, cable 20, .* add up to 1070\.5/),
        questions: [EXPENDITURE, FOOD, CABLE, HEALTHCARE, FUEL],
        values: { [EXPENDITURE]: 800, [FOOD]: '300.50', [CABLE]: 20, [HEALTHCARE]: 50, [FUEL]: 700 },
      };
      expect(reply.status).toBe(201);
      expect(reply.body).toEqual({
        response_id: response['response_id'],
        status: 'flagged',
        revision: 1,
        flags: [flag],
        response,
      });
      expect(await history(response['response_id'])).toMatchObject([
        { status: 'flagged', revision: 1, form_version: 1, flags: [flag], response },
      ]);
    });

    test('is flagged by every rule that it breaks', async () => {
      const reply = await collect(household({ ...BREAKS_RULE1, [SAVINGS]: -1 }));

      expect(reply.body).toMatchObject({ status: 'flagged', flags: [{ rule: 'Rule1' }, { rule: 'Rule2' }] });
    });

    test.each([
      ['expenditure is exactly what is listed', { [EXPENDITURE]: 400 }],
      ['0.1 and 0.2 are 0.3', { [EXPENDITURE]: 0.3, [FOOD]: 0.1, [CABLE]: '0.2', [HEALTHCARE]: 0, [FUEL]: 0 }],
      ['savings are exactly what is left', { [SAVINGS]: '200.0000' }],
      ['savings are 0', { [SAVINGS]: 0 }],
      ['savings are -0', { [SAVINGS]: '-0.00' }],
      ['income less expenditure is exactly the savings in cents', { [INCOME]: 800.3, [SAVINGS]: 0.3 }],
      ['amounts have 15 digits', { [INCOME]: '99999999999.9999', [SAVINGS]: '99999999199.9999' }],
    ])('is accepted at the limit of a rule: %s', async (_what, changes) => {
      expect((await collect(household(changes))).body).toMatchObject({ status: 'accepted', flags: [] });
    });

    test.each([
      ['expenditure is a ten-thousandth less than what is listed', { [EXPENDITURE]: '399.9999' }, 'Rule1'],
      ['savings are a ten-thousandth more than what is left', { [SAVINGS]: '200.0001' }, 'Rule2'],
      ['savings are a ten-thousandth below 0', { [SAVINGS]: '-0.0001' }, 'Rule2'],
      [
        'savings of 15 digits are a ten-thousandth more than what is left',
        { [INCOME]: '99999999999.9999', [SAVINGS]: '99999999200.0000' },
        'Rule2',
      ],
    ])('is flagged just beyond the limit: %s', async (_what, changes, rule) => {
      expect((await collect(household(changes))).body).toMatchObject({ status: 'flagged', flags: [{ rule }] });
    });

    test.each([['accepted'], ['flagged']])(
      'gets 200 and the same reply if it was %s and is sent again',
      async (status) => {
        const response = household(status === 'flagged' ? BREAKS_RULE1 : {});
        const first = await collect(response);
        const before = await history(response['response_id']);

        const again = await collect(response);

        expect(first.body).toMatchObject({ status });
        expect(again).toEqual({ ...first, status: 200 });
        expect(await history(response['response_id'])).toEqual(before);
      },
    );

    test.each([
      ['another synced_time', { synced_time: '2026-09-05T12:00:00Z' }],
      ['amounts as text', { [INCOME]: '1000', [FOOD]: '300.00' }],
      ['its time in another zone', { last_modified_time: '2026-09-01T09:00:00.000+03:00' }],
    ])('changes nothing when it is sent again with %s', async (_what, changes) => {
      const response = household();
      await collect(response);
      const before = await history(response['response_id']);

      const again = await collect({ ...response, ...changes });

      expect(again).toMatchObject({ status: 200, body: { status: 'accepted', revision: 1 } });
      expect(await history(response['response_id'])).toEqual(before);
    });

    test('changes nothing when its keys come in another order', async () => {
      const response = household();
      await collect(response);

      const again = await collect(Object.fromEntries(Object.entries(response).toReversed()));

      expect(again).toMatchObject({ status: 200, body: { revision: 1 } });
    });

    test('becomes accepted when its correction passes, and its flagged revision is kept', async () => {
      const flagged = household(BREAKS_RULE1);
      await collect(flagged);
      const corrected = { ...flagged, [FOOD]: 300, last_modified_time: '2026-09-01T06:05:00Z' };

      const reply = await collect(corrected);

      expect(reply).toMatchObject({ status: 200 });
      expect(reply.body).toEqual({
        response_id: flagged['response_id'],
        status: 'accepted',
        revision: 2,
        flags: [],
      });
      expect(await history(flagged['response_id'])).toMatchObject([
        { revision: 1, status: 'flagged', flags: [{ rule: 'Rule1' }], response: flagged },
        { revision: 2, status: 'accepted', flags: [], response: corrected },
      ]);
    });

    test('is refused if it is older than the stored revision, which the reply describes', async () => {
      const stored = household({ ...BREAKS_RULE1, last_modified_time: '2026-09-01T09:00:00+02:00' });
      await collect(stored);

      const reply = await collect({ ...stored, last_modified_time: '2026-09-01T06:59:59.999Z' });

      expect(reply.status).toBe(409);
      expect(reply.headers).toEqual({ 'content-type': 'application/problem+json' });
      expect(reply.body).toEqual({
        type: 'urn:collect:problem:older-revision',
        title: expect.any(String),
        status: 409,
        detail: expect.stringContaining('Revision 1, changed at 2026-09-01T09:00:00+02:00'),
        current: { revision: 1, last_modified_time: '2026-09-01T09:00:00+02:00', status: 'flagged' },
      });
    });

    test('is refused if it has the time of the stored revision and other content; the reply describes that revision', async () => {
      const stored = household();
      await collect(stored);

      const reply = await collect({ ...stored, name: 'Another Name' });

      expect(reply).toMatchObject({
        status: 409,
        body: {
          type: 'urn:collect:problem:same-time-other-content',
          current: { revision: 1, last_modified_time: '2026-09-01T06:00:00Z', status: 'accepted' },
        },
      });
      expect(await history(stored['response_id'])).toMatchObject([{ response: { name: 'Ama Khan' } }]);
    });

    test('is refused if its id was erased, and nothing is stored', async () => {
      const first = household();
      await collect(first);
      await proxy.call('eraseResponse', { response_id: String(first['response_id']) });

      for (const sent of [first, { ...first, last_modified_time: '2026-10-01T00:00:00Z' }]) {
        const reply = await collect(sent);
        expect(reply).toMatchObject({ status: 410, body: { type: 'urn:collect:problem:erased' } });
        expect(reply.body).not.toHaveProperty('current');
      }
      expect(await history(first['response_id'])).toMatchObject([{ status: 'erased', response: {} }]);
    });

    test('may have an id of 128 characters of four bytes each', async () => {
      const id = '🏠'.repeat(128);

      const reply = await collect(household({ response_id: id, response_family_id: id, user_id: id }));

      expect(reply).toMatchObject({ status: 201, body: { response_id: id } });
      expect(await history(id)).toMatchObject([{ response_id: id, user_id: id }]);
    });

    test.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"', 'application/json ; profile=x'])(
      'may be sent as %s',
      async (contentType) => {
        expect(await send('POST /collect', { body: household(), contentType })).toMatchObject({ status: 201 });
      },
    );

    test('may be sent in base64, with multi-byte characters', async () => {
      const response = household({ ...BREAKS_RULE1, name: 'Zoë 🏠 שלום' });

      const reply = await send('POST /collect', { body: response, base64: true });

      expect(reply).toMatchObject({ status: 201, body: { response: { name: 'Zoë 🏠 שלום' } } });
    });
  });

  describe('a body that cannot be read', () => {
    test.each([
      ['empty', ''],
      ['blank', ' \n'],
      ['not JSON', '{"response_id": '],
      ['NaN', `{"${INCOME}": NaN}`],
      ['two values', '{} {}'],
      ['a form', 'response_id=1'],
    ])('is 400 when it is %s', async (_what, body) => {
      const reply = await collect(body);

      expect(reply).toMatchObject({
        status: 400,
        headers: { 'content-type': 'application/problem+json' },
        body: {
          type: 'urn:collect:problem:not-json',
          status: 400,
          errors: [{ pointer: '', detail: expect.any(String) }],
        },
      });
    });

    test('is 400 when it is missing', async () => {
      const { body: _none, ...event } = httpEvent('POST /collect', { body: '' });

      expect(readReply(await handler(event))).toMatchObject({ status: 400 });
    });

    test('is 400 when it is not UTF-8', async () => {
      const event = httpEvent('POST /collect', { body: '{}', base64: true });
      event.body = Buffer.from([0x22, 0xff, 0xfe, 0x22]).toString('base64');

      expect(readReply(await handler(event))).toMatchObject({ status: 400 });
    });

    test.each(['text/plain', 'application/x-ndjson', 'application/json; charset=latin1', 'application/jsonp', ''])(
      'is 415 when its content type is %j',
      async (contentType) => {
        const reply = await send('POST /collect', { body: household(), contentType });

        expect(reply).toMatchObject({
          status: 415,
          body: { type: 'urn:collect:problem:unsupported-media-type', detail: 'Send application/json, in UTF-8.' },
        });
      },
    );

    test('is 415 when it has no content type', async () => {
      const event = httpEvent('POST /collect', { body: household() });
      event.headers = {};

      expect(readReply(await handler(event))).toMatchObject({ status: 415 });
    });

    test.each([false, true])('is 413 above 256,000 bytes, and accepted at that size (base64: %s)', async (base64) => {
      const fits = JSON.stringify(household()).padEnd(256_000);

      const replies = [
        await send('POST /collect', { body: fits, base64 }),
        await send('POST /collect', { body: `${fits} `, base64 }),
      ];

      expect(replies).toMatchObject([
        { status: 201 },
        {
          status: 413,
          body: {
            type: 'urn:collect:problem:too-large',
            detail: 'The body has 256001 bytes; at most 256000 are taken.',
          },
        },
      ]);
    });
  });

  describe('a response that does not fit the form', () => {
    const pointersOf = (body: unknown) => {
      const errors: unknown = Reflect.get(Object(body), 'errors');
      return (Array.isArray(errors) ? errors : []).map((error: unknown) =>
        String(Reflect.get(Object(error), 'pointer')),
      );
    };

    test.each(['2026-10-17T12:00:00.000000001Z', '2030-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
      'is 422 with advice when it was changed at %s, more than 48 hours ahead',
      async (time) => {
        const response = household({ last_modified_time: time });

        const reply = await collect(response);

        expect(reply).toMatchObject({
          status: 422,
          body: {
            type: 'urn:collect:problem:invalid-response',
            errors: [
              { pointer: '/last_modified_time', detail: expect.stringContaining('Set the clock of the device') },
            ],
          },
        });
        expect(await collect({ ...response, last_modified_time: '2026-10-17T15:00:00+03:00' })).toMatchObject({
          status: 201,
        });
      },
    );

    test('is 422 with all its faults', async () => {
      const { name: _name, [FUEL]: _fuel, ...incomplete } = household();

      const reply = await collect({
        ...incomplete,
        age: 131,
        [INCOME]: '12,5',
        last_modified_time: 'yesterday',
        'a/b~c': 1,
        location: 'a'.repeat(201),
      });

      expect(reply).toMatchObject({
        status: 422,
        headers: { 'content-type': 'application/problem+json' },
        body: { type: 'urn:collect:problem:invalid-response', status: 422 },
      });
      expect(pointersOf(reply.body).toSorted()).toEqual(
        ['/name', `/${FUEL}`, '/age', `/${INCOME}`, '/last_modified_time', '/a~1b~0c', '/location'].toSorted(),
      );
      expect(proxy.calls.map(({ operation }) => operation)).toEqual(['getForm']);
    });

    test.each([null, [], 'text', 5, true, [household()]])(
      'is 422 with an empty pointer when it is %j',
      async (body) => {
        expect(await collect(JSON.stringify(body))).toMatchObject({ status: 422, body: { errors: [{ pointer: '' }] } });
      },
    );

    test('is 422 with a fault for each key when it is empty', async () => {
      expect(pointersOf((await collect({})).body)).toEqual(Object.keys(household()).map((key) => `/${key}`));
    });

    const amounts = ['12,5', ' 5', '5 ', '', 'NaN', 'Infinity', '1e3', '+5', '.5', '5.', '0x10', '1.23456', '٣', '--1'];
    test.each([...amounts, '1234567890123456', null, true, [], {}, 1e21, 1.23456, 1234567890123456])(
      'is 422 if an amount is %j',
      async (amount) => {
        const reply = await collect(household({ [INCOME]: amount }));

        expect(reply.status).toBe(422);
        expect(pointersOf(reply.body)).toEqual([`/${INCOME}`]);
      },
    );

    test.each(['1e400', '-1e400', '1E5', '1000000000000000000000', '0.30000000000000004', '5e-5'])(
      'is 422 if an amount is written as the number %s',
      async (number) => {
        const body = JSON.stringify(household({ [INCOME]: 'here' })).replace('"here"', number);

        const reply = await collect(body);

        expect(reply.status).toBe(422);
        expect(pointersOf(reply.body)).toEqual([`/${INCOME}`]);
      },
    );

    test.each(['2026-09-01', '2026-09-01T06:00:00', '2026-09-01 06:00:00Z', '2026-02-30T06:00:00Z', 1788242400, ''])(
      'is 422 if a time is %j',
      async (time) => {
        const reply = await collect(household({ submitted_time: time }));

        expect(reply.status).toBe(422);
        expect(pointersOf(reply.body)).toEqual(['/submitted_time']);
      },
    );

    test.each([-1, 131, 40.5, '40', 1e9, null])('is 422 if the age is %j', async (age) => {
      const reply = await collect(household({ age }));

      expect(reply.status).toBe(422);
      expect(pointersOf(reply.body)).toEqual(['/age']);
    });

    test.each([0, 130])('is accepted with an age of %d', async (age) => {
      expect(await collect(household({ age }))).toMatchObject({ status: 201 });
    });

    test.each(['\u0000', 'a\u0007b', '\u001b[2J', '\u0085', 'a\nb', '\ud83c', '\udfe0\ud83c', 'a'.repeat(201), 5])(
      'is 422 if a text is %j',
      async (name) => {
        const reply = await collect(household({ name }));

        expect(reply.status).toBe(422);
        expect(pointersOf(reply.body)).toEqual(['/name']);
      },
    );

    test.each(['', ' a', 'a ', '.', '..', 'a'.repeat(129), 'a\u0000', '\ud83c', 5, null])(
      'is 422 if an id is %j',
      async (id) => {
        const reply = await collect(household({ response_id: id }));

        expect(reply.status).toBe(422);
        expect(pointersOf(reply.body)).toEqual(['/response_id']);
      },
    );

    test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
      'is 422 if it has the key %s, like any unknown key',
      async (key) => {
        const body = `{${JSON.stringify(key)}: {"age": 40}, ${JSON.stringify(household()).slice(1)}`;

        const reply = await collect(body);

        expect(reply.status).toBe(422);
        expect(pointersOf(reply.body)).toEqual([`/${key}`]);
      },
    );

    test('does not inherit an answer from its prototype', async () => {
      const { age, ...incomplete } = household();
      const body = `{"__proto__": {"age": ${JSON.stringify(age)}}, ${JSON.stringify(incomplete).slice(1)}`;

      expect(pointersOf((await collect(body)).body).toSorted()).toEqual(['/__proto__', '/age']);
    });
  });

  describe('the form', () => {
    const crops = {
      form_id: 'crops',
      title: 'Crops',
      questions: [
        { key: 'hectares', column: 'hectares', type: 'decimal', required: true },
        { key: 'remarks', column: 'remarks', type: 'text', required: false, max_length: 5000, multiline: true },
      ],
      facts: [],
      rules: [
        {
          name: 'Some land',
          message: 'There are {hectares} hectares.',
          conditions: { fact: 'hectares', operator: 'greaterThan', value: 0 },
        },
      ],
    };
    const metadata = () => {
      const keys = Object.entries(household()).slice(0, 8);
      return Object.fromEntries(keys);
    };

    test.each(['crops_of_nobody', 'Crops', 'crops-2', '__proto__', 'a'.repeat(200), "x' or '1'='1", '🏠'])(
      'is 404 for the unknown id %j',
      async (formId) => {
        const one = await send('POST /forms/{form_id}/responses', { body: household(), path: { form_id: formId } });
        const batch = await send('POST /forms/{form_id}/responses/batch', { body: [], path: { form_id: formId } });

        expect([one, batch]).toMatchObject([
          { status: 404, body: { type: 'urn:collect:problem:not-found' } },
          { status: 404, body: { type: 'urn:collect:problem:not-found' } },
        ]);
      },
    );

    test('household_finances recognises a response at /collect that was sent to its own route before', async () => {
      const response = household(BREAKS_RULE1);
      const request = { body: response, path: { form_id: 'household_finances' } };

      const first = await send('POST /forms/{form_id}/responses', request);
      const again = await collect(response);

      expect(first.status).toBe(201);
      expect(again).toEqual({ ...first, status: 200 });
    });

    test('has its own questions and rules', async () => {
      await proxy.call('putForm', { form_id: 'crops', definition: crops });
      const path = { form_id: 'crops' };
      const good = { ...metadata(), hectares: '1.5', remarks: 'two\nlines\tof "it"' };
      const none = { ...metadata(), response_id: `response-${now}-none`, hectares: 0 };

      const replies = [
        await send('POST /forms/{form_id}/responses', { body: good, path }),
        await send('POST /forms/{form_id}/responses', { body: none, path }),
        await send('POST /forms/{form_id}/responses', { body: household(), path }),
      ];

      expect(replies).toMatchObject([
        { status: 201, body: { status: 'accepted' } },
        { status: 201, body: { status: 'flagged', flags: [{ message: 'There are 0 hectares.' }], response: none } },
        { status: 422, body: { type: 'urn:collect:problem:invalid-response' } },
      ]);
    });

    test('refuses a response_id that belongs to another form', async () => {
      await proxy.call('putForm', { form_id: 'crops', definition: crops });
      const response = household();
      await collect(response);
      const body = { ...metadata(), response_id: response['response_id'], hectares: 2 };

      const reply = await send('POST /forms/{form_id}/responses', { body, path: { form_id: 'crops' } });

      expect(reply).toMatchObject({
        status: 409,
        body: { type: 'urn:collect:problem:response-of-another-form', current: { revision: 1 } },
      });
    });

    test('is used in its new version after half a minute, and each response states the version that checked it', async () => {
      const path = { form_id: 'wells' };
      const definition = { ...crops, form_id: 'wells' };
      const post = (responseId: string) =>
        send('POST /forms/{form_id}/responses', {
          body: { ...metadata(), response_id: responseId, hectares: 2 },
          path,
        });
      await proxy.call('putForm', { form_id: 'wells', definition });
      await post('well-1');
      const rules = crops.rules.map((rule) => ({ ...rule, conditions: { ...rule.conditions, value: 5 } }));
      await proxy.call('putForm', { form_id: 'wells', definition: { ...definition, rules } });
      now = 30_000;

      const recheckedReply = await post('well-2');
      const retried = await post('well-1');

      expect(recheckedReply).toMatchObject({ status: 201, body: { status: 'flagged' } });
      expect(retried).toMatchObject({ status: 200, body: { status: 'accepted', revision: 1 } });
      expect([...(await history('well-1')), ...(await history('well-2'))]).toMatchObject([
        { form_version: 1, status: 'accepted' },
        { form_version: 2, status: 'flagged' },
      ]);
    });
  });

  describe('an internal failure', () => {
    const codes: [ErrorCode | 'PROXY_UNREACHABLE', boolean][] = [['PROXY_UNREACHABLE', true]];
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) codes.push([code, ERROR_CODES[code].retryable]);

    test.each(codes.filter(([, retryable]) => retryable))(
      'is 503 with Retry-After when it is %s and the form is neither cached nor in the snapshot',
      async (code) => {
        proxy.failWith = code;

        const replies = [await collect(household()), await send('POST /collect/batch', { body: [household()] })];

        for (const reply of replies) {
          expect(reply).toEqual({
            status: 503,
            headers: { 'content-type': 'application/problem+json', 'retry-after': expect.stringMatching(/^\d+$/) },
            body: {
              type: 'urn:collect:problem:unavailable',
              title: expect.any(String),
              status: 503,
              request_id: 'request-1',
            },
          });
        }
      },
    );

    describe.each([
      ...codes.filter(([, retryable]) => retryable).map(([code]) => [code, 'cached'] as const),
      ['DATABASE_UNAVAILABLE', 'in the snapshot'] as const,
    ])('that is %s while the form is %s', (code, where) => {
      beforeEach(async () => {
        if (where === 'cached') await collect(household());
        const { form } = await proxy.call('getForm', { form_id: 'household_finances' });
        if (form !== null) await store.keep(formObject(form));
        proxy.failWith = code;
      });

      test('gets 202, and the response is queued', async () => {
        const response = household();

        const reply = await collect(response);

        expect(reply).toEqual({
          status: 202,
          headers: { 'content-type': 'application/json' },
          body: { response_id: response['response_id'], status: 'queued', flags: [] },
        });
        expect(queue.messages).toHaveLength(1);
        expect(JSON.parse(queue.messages[0]?.body ?? '')).toEqual({
          operation: 'saveResponses',
          input: { responses: [expect.objectContaining({ status: 'accepted', response })], late: true },
        });
      });

      test('gets 202 with the flags and the response if it breaks a rule', async () => {
        const response = household(BREAKS_RULE1);

        expect(await collect(response)).toMatchObject({
          status: 202,
          body: { status: 'queued', flags: [{ rule: 'Rule1' }], response },
        });
      });

      test('is 503 with Retry-After if the queue fails too', async () => {
        queue.refuses = true;

        const replies = [
          await collect(household()),
          await send('POST /collect/batch', { body: [household(), household(BREAKS_RULE1)] }),
        ];

        for (const reply of replies) {
          expect(reply).toMatchObject({
            status: 503,
            headers: { 'content-type': 'application/problem+json', 'retry-after': expect.stringMatching(/^\d+$/) },
            body: { type: 'urn:collect:problem:unavailable', request_id: 'request-1' },
          });
        }
      });
    });

    test('leads to a refusal of invalid responses, not to queueing', async () => {
      await collect(household());
      proxy.failWith = 'PROXY_UNREACHABLE';

      expect(await collect(household({ age: 131 }))).toMatchObject({ status: 422 });
      expect(queue.messages).toEqual([]);
    });

    test('allows checks by a cached version of the form of any age', async () => {
      await collect(household());
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      now = 86_400_000;

      expect(await collect(household(BREAKS_RULE1))).toMatchObject({
        status: 202,
        body: { flags: [{ rule: 'Rule1' }] },
      });
      expect(logger.text).toContain('form not refreshed');
    });

    test('does not log the answers of queued responses', async () => {
      await collect(household());
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      await collect(household({ name: 'Secret Name', [INCOME]: '47110.5' }));
      queue.refuses = true;
      await collect(household({ name: 'Secret Name', [INCOME]: '47110.5' }));

      expect(logger.lines.map((line) => Reflect.get(JSON.parse(line), 'message'))).toEqual([
        'responses queued',
        'responses not queued',
        'request failed',
      ]);
      expect(logger.text).not.toMatch(/Secret Name|47110/);
    });

    test.each(codes.filter(([, retryable]) => !retryable))('is 500 without details when it is %s', async (code) => {
      proxy.failWith = code;

      const replies = [await collect(household()), await send('POST /collect/batch', { body: [household()] })];

      for (const reply of replies) {
        expect(reply).toEqual({
          status: 500,
          headers: { 'content-type': 'application/problem+json' },
          body: {
            type: 'urn:collect:problem:internal',
            title: expect.any(String),
            status: 500,
            request_id: 'request-1',
          },
        });
      }
    });

    test('is logged with its code and stack, but without the response', async () => {
      await collect(household());
      proxy.failWith = 'INTERNAL';

      await collect(household({ response_id: 'house-1', name: 'Secret Name', [INCOME]: '47110.5' }));

      expect(logger.lines).toHaveLength(1);
      expect(JSON.parse(logger.text)).toMatchObject({
        level: 'ERROR',
        request_id: 'request-1',
        response_id: 'house-1',
        route: 'POST /collect',
        code: 'INTERNAL',
        name: 'Error',
        at: expect.arrayContaining([expect.stringContaining('in-process-proxy')]),
      });
      expect(logger.text).not.toMatch(/Secret Name|47110/);
    });

    test('that is unexpected shows its message neither in the reply nor in the log', async () => {
      const broken = {
        call: () => Promise.reject(new Error(`near 'Secret Name': select * from responses`)),
      };
      const unforeseen = createHandler({
        dbProxy: broken,
        forms: createFormStore(proxy, emptySnapshot(), logger),
        logger,
        enqueue: queue.send,
        now: () => NOW,
        triggerPublish,
      });

      const reply = readReply(await unforeseen(httpEvent('POST /collect', { body: household() })));

      expect(reply).toMatchObject({ status: 500, body: { request_id: 'request-1' } });
      expect(JSON.stringify(reply) + logger.text).not.toMatch(/Secret Name|select/);
    });

    test('does not last longer than its cause: the next response is saved', async () => {
      const response = household();
      proxy.failWith = 'DATABASE_UNAVAILABLE';
      await collect(response);
      proxy.failWith = undefined;

      expect(await collect(response)).toMatchObject({ status: 201 });
    });
  });

  test('GET /health says which database is ready', async () => {
    expect(await send('GET /health')).toMatchObject({
      status: 200,
      body: { status: 'ok', database: proxy.database.kind },
    });
  });

  test('GET /health is 503 when the database is unavailable', async () => {
    proxy.failWith = 'DATABASE_UNAVAILABLE';

    expect(await send('GET /health')).toMatchObject({ status: 503 });
  });

  test('an unknown address is 404', async () => {
    expect(await send('GET /collect')).toMatchObject({ status: 404, body: { type: 'urn:collect:problem:not-found' } });
  });
});
