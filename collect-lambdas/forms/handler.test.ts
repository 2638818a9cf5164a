import { randomUUID } from 'node:crypto';
import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore, changeRecorder } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { publishAll } from '../../tests/support/outbox.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { anyJob } from '../../tests/support/recording-queue.ts';
import { EXPENDITURE, FOOD, household, INCOME, incoming, metadata, SAVINGS } from '../../tests/support/responses.ts';
import firstForm from '../../forms/definition/household-finances.json' with { type: 'json' };
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { formOfXformKey, mediaKey, xformKey, xformVersionKey } from '../shared/xform-files.ts';
import { createHandler } from './routes.ts';
import { SYSTEM_TABLES } from '../../db-proxy-lambda/contract.ts';

/** A form as a manager sends it, without defaults and without its id. */
function crops(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    title: 'Crops',
    questions: [
      { key: 'hectares', column: 'hectares', type: 'decimal' },
      { key: 'bags', column: 'bags', type: 'integer', min: 0, max: 1000 },
      { key: 'sold', column: 'sold', type: 'integer', required: false },
    ],
    facts: [{ name: 'kept', add: ['bags'], subtract: ['sold'] }],
    rules: [
      {
        name: 'Not more sold than brought in',
        message: 'Sold {sold} of {bags} bags.',
        conditions: { fact: 'kept', operator: 'greaterThanInclusive', value: 0 },
      },
    ],
    ...changes,
  };
}

const rule = (name: string, fact: string, operator: string, value: unknown) => ({
  name,
  message: `{${fact}} is not right.`,
  conditions: { fact, operator, value },
});

describe.each(databaseKinds)('forms on %s:', (kind) => {
  let proxy: InProcessProxy;
  let logger: RecordingLogger;
  let now: number;
  /** The bucket with the snapshot. */
  let store: MemoryStore;
  let handler: ReturnType<typeof createHandler>;
  /** The keys of markers and the ids in the queue, in order. */
  let jobs: string[];
  let files: MemoryStore;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    logger = new RecordingLogger();
    now = 0;
    store = new MemoryStore();
    jobs = [];
    files = new MemoryStore();
    const enqueue = (id: string) => Promise.resolve(void jobs.push(id));
    const leaveMarker = (key: string) => Promise.resolve(jobs.push(key) > 0);
    handler = createHandler({
      enqueue,
      leaveMarker,
      dbProxy: proxy,
      files,
      recordChange: changeRecorder(logger, store),
      logger,
      now: () => now,
    });
  });
  afterEach(() => proxy.stop());

  async function send(routeKey: string, request: HttpRequest = {}) {
    return readReply(await handler(httpEvent(routeKey, request)));
  }

  const put = (body: unknown, formId = 'crops') => send('PUT /forms/{form_id}', { body, path: { form_id: formId } });
  const get = (formId: string, query?: Record<string, string>) =>
    send('GET /forms/{form_id}', { path: { form_id: formId }, ...(query && { query }) });
  const putIfMatch = (etag: string, body: unknown, formId = 'crops') =>
    send('PUT /forms/{form_id}', { body, path: { form_id: formId }, headers: { 'if-match': etag } });

  describe('the uploaded XForm of a form', () => {
    const xform = { id: 'crops', version: '1', md5: 'a'.repeat(32), root: 'data', metadata: [] };
    const upload = (formId = 'crops', xformId = formId) =>
      proxy.call('putForm', {
        form_id: formId,
        definition: { ...crops(), form_id: formId, xform: { ...xform, id: xformId } },
      });
    const claim = (xformId: string, formId: string) =>
      files.put(formOfXformKey(xformId), JSON.stringify({ form_id: formId }));

    test('keeps its XForm id: no form without an uploaded XForm can take it as its own id', async () => {
      await upload('harvest', 'crops');
      await claim('crops', 'harvest');
      const taken = {
        status: 409,
        body: {
          type: 'urn:collect:problem:xform-id-taken',
          errors: [
            { pointer: '/form_id', detail: expect.stringContaining('The form harvest has the XForm id crops.') },
          ],
        },
      };

      expect(await put(crops())).toMatchObject(taken);
      expect(await get('crops')).toMatchObject({ status: 404 });

      await upload('crops', 'crops_of_2026');
      expect(await put(crops())).toMatchObject(taken);
    });

    test('keeps its XForm id from new forms only: a form that had the id before can be changed', async () => {
      await put(crops());
      await upload('harvest', 'crops');
      await claim('crops', 'harvest');

      expect(await put(crops({ state: 'closed' }))).toMatchObject({ status: 200, body: { version: 2 } });
    });

    test('is removed with its media when the form is deleted, but not while responses need it', async () => {
      const store = (key: string) => files.putBytes(key, { bytes: new Uint8Array([1]), type: 'text/xml' });
      const stored = [xformKey('crops', '1'), mediaKey('crops', '1', 'a.jpg'), xformKey('crops', '0')];
      const others = [xformKey('crops_2', '1')];
      for (const key of [...stored, ...others]) await store(key);
      await files.put(xformVersionKey('crops', '1'), '{"form_version":1}');
      await upload();
      const path = { form_id: 'crops' };
      await proxy.call('saveResponses', { responses: [incoming({ response_id: 'r', form_id: 'crops' })] });

      expect(await send('DELETE /forms/{form_id}', { path })).toMatchObject({ status: 409 });
      expect(files.keys()).toEqual(expect.arrayContaining(stored));
      await proxy.database.db.deleteFrom('responses').execute();
      expect(await send('DELETE /forms/{form_id}', { path })).toMatchObject({ status: 204 });
      expect(files.keys()).toEqual(others);
    });

    test('is removed by the next DELETE if S3 fails', async () => {
      await files.putBytes(xformKey('crops', '1'), { bytes: new Uint8Array([1]), type: 'text/xml' });
      await upload();
      const path = { form_id: 'crops' };
      files.failing = (request) => request.startsWith('DELETE');

      expect(await send('DELETE /forms/{form_id}', { path })).toMatchObject({
        status: 503,
        body: { detail: expect.stringContaining('The form is deleted, but not its files.') },
      });
      files.failing = () => false;
      expect(await send('DELETE /forms/{form_id}', { path })).toMatchObject({ status: 404 });
      expect(files.keys()).toEqual([]);
    });

    test('cannot be looked up while S3 fails: nothing is stored', async () => {
      files.failing = () => true;

      expect(await put(crops())).toMatchObject({
        status: 503,
        body: { detail: expect.stringContaining('not stored') },
      });
      files.failing = () => false;
      expect(await get('crops')).toMatchObject({ status: 404 });
    });

    test('leaves its id to others when its form is deleted, or was never stored', async () => {
      await claim('crops', 'harvest');

      expect(await put(crops())).toMatchObject({ status: 201 });
    });

    test('stays when it is sent back, so that rules can be added', async () => {
      await upload();

      expect(await put(crops({ xform, rules: [] }))).toMatchObject({ status: 200, body: { version: 2, xform } });
    });

    test('cannot be sent as JSON or changed', async () => {
      expect(await put(crops({ xform }))).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/xform', detail: expect.stringContaining('PUT /forms/{form_id}/xform') }] },
      });
      await upload();
      expect(await put(crops({ xform: { ...xform, version: '2' } }))).toMatchObject({ status: 422 });
    });

    test('is replaced by a generated XForm when the definition leaves it out', async () => {
      await upload();
      const { body } = await put(crops());

      expect(body).toMatchObject({ version: 2 });
      expect(body).not.toHaveProperty('xform');
    });
  });

  describe('POST /forms/{form_id}/rejudge', () => {
    const path = { form_id: 'household_finances' };
    const start = (body: unknown = {}, formId = path.form_id) =>
      send('POST /forms/{form_id}/rejudge', { path: { form_id: formId }, body });
    const progress = (rejudgeId: string, formId = path.form_id) =>
      send('GET /forms/{form_id}/rejudge/{rejudge_id}', { path: { form_id: formId, rejudge_id: rejudgeId } });
    const idOf = (reply: { body: unknown }) => String(Reflect.get(Object(reply.body), 'rejudge_id'));

    test('replies 202 with the address of its progress, and queues the re-judge with a marker', async () => {
      const reply = await start({ since: '2026-09-01T09:00:00+03:00' });

      const id = idOf(reply);
      const address = `/forms/household_finances/rejudge/${id}`;
      expect(reply).toMatchObject({
        status: 202,
        headers: { location: address },
        body: { rejudge_id: id, status: 'queued', status_url: address },
      });
      expect(jobs).toEqual([`owed/rejudges/${id}`, id]);
      expect(await progress(id)).toMatchObject({
        status: 200,
        body: {
          form_id: path.form_id,
          rules_version: 1,
          since: '2026-09-01T06:00:00.000Z',
          status: 'queued',
          checked: 0,
        },
      });
    });

    test('returns the re-judge that is queued for the same request, and queues it again', async () => {
      const first = idOf(await start());
      const second = idOf(await start());

      expect(second).toBe(first);
      expect(jobs.filter((each) => each === first)).toHaveLength(2);
    });

    test('refuses unknown forms, unknown members and invalid times', async () => {
      expect(await start({}, 'nothing')).toMatchObject({ status: 404 });
      expect(await start({}, 'No form')).toMatchObject({ status: 404 });
      expect(await start({ until: 'now', since: 'now' })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/since' }, { pointer: '/until' }] },
      });
      expect(jobs).toEqual([]);
    });

    test('has no progress for another form or an unknown re-judge', async () => {
      await put(crops());
      const id = idOf(await start());

      for (const reply of [await progress(id, 'crops'), await progress('last'), await progress(randomUUID())]) {
        expect(reply).toMatchObject({
          status: 404,
          body: { detail: 'There is no re-judge of this form with this id.' },
        });
      }
    });
  });

  describe('GET /forms', () => {
    test('lists the newest version of every form by its title, without its questions', async () => {
      await put(crops());
      await put(crops({ title: 'Crops and trees' }));

      const reply = await send('GET /forms');

      expect(reply).toEqual({
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: {
          items: [
            {
              form_id: 'crops',
              version: 2,
              title: 'Crops and trees',
              state: 'open',
              created_at: expect.any(String),
              responses: 0,
              open: 0,
            },
            {
              form_id: 'household_finances',
              version: 1,
              title: 'Household finances',
              state: 'open',
              created_at: expect.any(String),
              responses: 0,
              open: 0,
            },
          ],
        },
      });
    });

    test('counts the responses of each form whose events are published, and the open ones among them', async () => {
      const flags = [{ rule: 'Rule1', message: 'Ask again.', questions: [], values: {} }];
      await proxy.call('saveResponses', {
        responses: [
          incoming({ response_id: 'r-1', status: 'flagged', flags }),
          incoming({ response_id: 'r-2', status: 'flagged', flags }),
          incoming(),
          incoming({ form_id: 'crops.draft' }),
        ],
      });
      const reviews = [incomingReview({ response_id: 'r-1', action: 'return', revision: 1 })];
      await proxy.call('saveReviews', { reviews });
      await proxy.call('saveReviews', {
        reviews: [incomingReview({ response_id: 'r-2', action: 'approve', revision: 1 })],
      });
      await publishAll(proxy);

      expect((await send('GET /forms')).body).toMatchObject({
        items: [{ form_id: 'household_finances', responses: 3, open: 1 }],
      });
      const caller = { role: 'collector', user_id: 'collector-1' } as const;
      const { body } = await send('GET /forms', { caller });
      expect((body as { items: object[] }).items[0]).not.toHaveProperty('responses');
    });
  });

  describe('GET /forms/{id}', () => {
    test('returns the complete newest version, with its rules', async () => {
      const reply = await get('household_finances');

      expect(reply.status).toBe(200);
      expect(reply.body).toMatchObject({ form_id: 'household_finances', version: 1 });
      const parsed = JSON.parse(JSON.stringify(householdFinances)) as Record<string, unknown>;
      expect(reply.body).toMatchObject({ title: parsed['title'], rules: parsed['rules'], facts: parsed['facts'] });
    });

    test('returns the requested version, with its ETag', async () => {
      const first = await put(crops());
      const second = await put(crops({ title: 'Crops and trees' }));

      expect([first.headers['etag'], second.headers['etag']]).toEqual(['"1"', '"2"']);
      expect(await get('crops', { version: '1' })).toEqual({ ...first, status: 200 });
      expect(await get('crops', { version: '2' })).toEqual(second);
      expect(await get('crops', { version: '3' })).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('GET /forms/{form_id}/versions') },
      });
    });

    test('returns household_finances; sending its definition from the repository changes nothing', async () => {
      const first = await get('household_finances');

      const again = await put(firstForm, 'household_finances');

      expect(again).toEqual(first);
      expect(first.body).toMatchObject({ version: 1 });
    });
  });

  describe('PUT /forms/{id}', () => {
    test('accepts the reply of GET, and changes nothing', async () => {
      await put(crops());
      const { body } = await get('crops');

      const again = await put(body);

      expect(again).toMatchObject({ status: 200, body: { version: 1 } });
    });

    test.each(SYSTEM_TABLES)('refuses the id %s, the name of a system table', async (id) => {
      const reply = await put({ ...crops(), form_id: id }, id);

      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/form_id' }] } });
    });

    test('stores a new form as version 1 with its defaults filled in', async () => {
      const reply = await put(crops());

      expect(reply).toMatchObject({
        status: 201,
        body: {
          form_id: 'crops',
          version: 1,
          title: 'Crops',
          questions: [{ key: 'hectares', required: true }, { key: 'bags' }, { key: 'sold', required: false }],
        },
      });
      expect(await get('crops')).toEqual({ ...reply, status: 200 });
    });

    test('stores a change as the next version', async () => {
      await put(crops());

      const reply = await put(crops({ title: 'Crops and trees' }));

      expect(reply).toMatchObject({ status: 200, body: { version: 2, title: 'Crops and trees' } });
      expect(await get('crops')).toEqual(reply);
    });

    describe.each([
      ['If-Match', (title: string, version: number) => putIfMatch(`"${version}"`, crops({ title }))],
      ['the version in the body', (title: string, version: number) => put(crops({ title, version }))],
    ])('with %s', (_how, putBasedOn) => {
      test('stores a change based on the newest version', async () => {
        await put(crops());

        expect(await putBasedOn('Crops and trees', 1)).toMatchObject({
          status: 200,
          headers: { etag: '"2"' },
          body: { version: 2, title: 'Crops and trees' },
        });
      });

      test('replies 412 to the second of two editors of a version, with that version and the newest one', async () => {
        await put(crops());
        await putBasedOn('Crops of the first editor', 1);

        const reply = await putBasedOn('Crops of the second editor', 1);

        expect(reply).toMatchObject({
          status: 412,
          body: {
            type: 'urn:collect:problem:form-changed',
            detail: 'Version 2 was stored meanwhile. Apply your change to it, and send it with "version": 2.',
            current: { version: 2, title: 'Crops of the first editor' },
            based_on: { version: 1, title: 'Crops' },
          },
        });
        expect(await get('crops')).toMatchObject({ body: { version: 2, title: 'Crops of the first editor' } });
      });

      test('returns the same reply to a retry, because the first reply may have been lost', async () => {
        await put(crops());
        const stored = await putBasedOn('Crops and trees', 1);

        expect(await putBasedOn('Crops and trees', 1)).toEqual(stored);
      });

      test('is 412 if the form or the version does not exist', async () => {
        expect(await putBasedOn('Crops', 1)).toMatchObject({ status: 412, body: { current: null, based_on: null } });
        await put(crops());
        expect(await putBasedOn('Trees', 7)).toMatchObject({
          status: 412,
          body: { current: { version: 1 }, based_on: null },
        });
      });
    });

    test('stores one of two concurrent changes of the same version', async () => {
      await put(crops());

      const replies = await Promise.all(['A', 'B'].map((title) => putIfMatch('"1"', crops({ title }))));

      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 412]));
    });

    test('changes nothing when the newest version is sent again, with any formatting', async () => {
      const first = await put(crops());
      const text = JSON.stringify({ form_id: 'crops', ...Object.fromEntries(Object.entries(crops()).toReversed()) });

      const again = await put(`\n${text.replace('"max":1000', '"max": 1000 ')}`);

      expect(again).toEqual({ ...first, status: 200 });
    });

    test('is 422 with a pointer to every fault, and stores nothing', async () => {
      const [first, second] = [
        { key: 'hectares', column: 'hectares', type: 'decimal' },
        { key: 'bags', column: 'Hectares', type: 'integer' },
      ];
      const rules = [
        rule('A', 'trees', 'greaterThan', 0),
        rule('B', 'hectares', 'matches', 0),
        rule('A', 'hectares', 'greaterThan', 0),
        { name: 'C', message: 'Yes.', conditions: { all: [] } },
      ];

      const reply = await put(crops({ questions: [first, second, first], facts: [], rules, colour: 'red' }));

      expect(reply).toMatchObject({
        status: 422,
        headers: { 'content-type': 'application/problem+json' },
        body: { type: 'urn:collect:problem:invalid-form', status: 422 },
      });
      expect(pointersOf(reply.body)).toEqual(
        expect.arrayContaining([
          '/colour',
          '/questions/1/column',
          '/questions/2/key',
          '/questions/2/column',
          '/rules/0/conditions/fact',
          '/rules/1/conditions/operator',
          '/rules/2/name',
          '/rules/3/conditions/all',
        ]),
      );
      expect(await get('crops')).toMatchObject({ status: 404 });
    });

    test('is 422 for a rule that can never apply', async () => {
      const reply = await put(crops({ rules: [rule('Never', 'bags', 'greaterThan', 1_000)] }));

      expect(reply.status).toBe(422);
      expect(pointersOf(reply.body)).toEqual(['/rules/0/conditions/value']);
    });

    test('is 422 with the first faults and the total number if there are very many', async () => {
      const conditions = { all: Array.from({ length: 90_000 }, () => ({})) };

      const reply = await put(crops({ rules: [{ name: 'R', message: 'Look.', conditions }] }));

      expect(reply).toMatchObject({
        status: 422,
        body: { detail: expect.stringContaining('the first 100 are listed') },
      });
      expect(pointersOf(reply.body)).toHaveLength(100);
    });

    test('is 422 if its form_id differs from the path', async () => {
      const reply = await put(crops({ form_id: 'wells' }));

      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/form_id' }] } });
      expect((await send('GET /forms')).body).toMatchObject({ items: { length: 1 } });
    });

    test('is 400, 413 or 415 for an unreadable body', async () => {
      const path = { form_id: 'crops' };

      expect(await put('{')).toMatchObject({ status: 400 });
      expect(await put('')).toMatchObject({ status: 400 });
      expect(await put(JSON.stringify(crops()).padEnd(1_000_001))).toMatchObject({ status: 413 });
      expect(await put(JSON.stringify(crops()).padEnd(1_000_000))).toMatchObject({ status: 201 });
      expect(await send('PUT /forms/{form_id}', { body: crops(), path, contentType: 'text/yaml' })).toMatchObject({
        status: 415,
      });
    });
  });

  describe('the versions of a form', () => {
    const versions = (formId: string) => send('GET /forms/{form_id}/versions', { path: { form_id: formId } });
    const version = (formId: string, number: string) =>
      send('GET /forms/{form_id}/versions/{version}', { path: { form_id: formId, version: number } });

    test('are listed, the newest first', async () => {
      await put(crops());
      await put(crops({ title: 'Crops and trees' }));

      expect(await versions('crops')).toMatchObject({
        status: 200,
        body: {
          items: [
            { version: 2, created_at: expect.any(String) },
            { version: 1, created_at: expect.any(String) },
          ],
        },
      });
    });

    test('are read one by one, each with its ETag', async () => {
      await put(crops());
      await put(crops({ title: 'Crops and trees' }));

      expect(await version('crops', '1')).toEqual(await get('crops', { version: '1' }));
      expect(await version('crops', '2')).toMatchObject({
        status: 200,
        headers: { etag: '"2"' },
        body: { version: 2 },
      });
    });

    test.each(['0', '3', 'last', '-1', '1.0', '99999999999'])('do not include the number %s', async (number) => {
      await put(crops());

      expect(await version('crops', number)).toMatchObject({ status: 404 });
    });

    test.each(['wells', 'Crops', '..', ''])('are 404 for the unknown form %j', async (formId) => {
      expect(await versions(formId)).toMatchObject({ status: 404 });
    });
  });

  describe('POST /forms/{id}/dry-run', () => {
    const dryRun = (body: unknown, formId = 'household_finances') =>
      send('POST /forms/{form_id}/dry-run', { body, path: { form_id: formId } });

    async function save(...answers: Record<string, unknown>[]): Promise<string[]> {
      const responses = answers.map((changes) => incoming({ response: household(changes) }));
      await proxy.call('saveResponses', { responses });
      return responses.map((each) => each.response_id);
    }

    test('counts by collector, the largest share of flagged responses first, at most 50 collectors', async () => {
      const answers = (user: string, ...incomes: number[]) =>
        incomes.map((income) => incoming({ user_id: user, response: household({ [INCOME]: income }) }));
      const others = Array.from({ length: 60 }, (_, index) => answers(`other-${index}`, 1_000)).flat();
      await proxy.call('saveResponses', {
        responses: [...answers('amina', 1, 1_000, 1_000), ...answers('ben', 1, 1_000), ...answers('chi', 1, 1, 2, 9)],
      });
      await proxy.call('saveResponses', { responses: [...others, ...answers('dia', 1, 1, 2_000, 2_000)] });

      const { body } = await dryRun({ rules: [rule('Some income', INCOME, 'greaterThan', 500)] });

      const { by_collector: collectors } = body as { by_collector: object[] };
      expect(body).toMatchObject({ checked: 73, flagged: 8 });
      expect(collectors).toHaveLength(50);
      expect(collectors.slice(0, 5)).toEqual([
        { user_id: 'chi', checked: 4, flagged: 4 },
        { user_id: 'dia', checked: 4, flagged: 2 },
        { user_id: 'ben', checked: 2, flagged: 1 },
        { user_id: 'amina', checked: 3, flagged: 1 },
        { user_id: 'other-0', checked: 1, flagged: 0 },
      ]);
    });

    test('counts the responses that each rule would flag, with examples, and changes nothing', async () => {
      const ids = await save(
        { [INCOME]: '0.3' },
        { [INCOME]: 100, [SAVINGS]: 0 },
        { [INCOME]: 5_000 },
        { [SAVINGS]: 0 },
      );
      const before = [await proxy.call('listResponses', { limit: 10 }), await get('household_finances')];
      const rules = [
        rule('Some income', INCOME, 'greaterThan', 500),
        rule('Some savings', SAVINGS, 'greaterThan', 0),
        rule('Anything', EXPENDITURE, 'greaterThanInclusive', '-1'),
      ];

      const reply = await dryRun({ rules });

      expect(reply.status).toBe(200);
      expect(reply.body).toEqual({
        form_id: 'household_finances',
        checked: 4,
        flagged: 3,
        complete: true,
        rules: [
          {
            rule: 'Some income',
            flagged: 2,
            checked: 4,
            not_applicable: 0,
            unreadable: 0,
            examples: [
              {
                response_id: ids[0],
                rule: 'Some income',
                message: '0.3 is not right.',
                questions: [INCOME],
                values: { [INCOME]: '0.3' },
              },
              expect.objectContaining({ response_id: ids[1], values: { [INCOME]: 100 } }),
            ],
          },
          {
            rule: 'Some savings',
            flagged: 2,
            checked: 4,
            not_applicable: 0,
            unreadable: 0,
            examples: [
              expect.objectContaining({ response_id: ids[1] }),
              expect.objectContaining({ response_id: ids[3] }),
            ],
          },
          { rule: 'Anything', flagged: 0, checked: 4, not_applicable: 0, unreadable: 0, examples: [] },
        ],
        by_collector: [{ user_id: 'collector-1', checked: 4, flagged: 3 }],
      });
      expect([await proxy.call('listResponses', { limit: 10 }), await get('household_finances')]).toEqual(before);
    });

    test('tries facts with the rules of the form, and a whole definition', async () => {
      await put(crops());
      const questions = { hectares: 1, bags: 5, sold: 6 };
      await proxy.call('saveResponses', { responses: [incoming({ form_id: 'crops', response: questions })] });

      const facts = [{ name: 'kept', add: ['bags', 'hectares'], subtract: ['sold'] }];
      const definition = crops({ rules: [rule('Sold', 'sold', 'lessThan', 6)] });

      expect(await dryRun({ facts }, 'crops')).toMatchObject({ status: 200, body: { checked: 1, flagged: 0 } });
      expect(await dryRun({ definition }, 'crops')).toMatchObject({
        status: 200,
        body: { rules: [{ rule: 'Sold', flagged: 1, checked: 1, not_applicable: 0 }] },
      });
    });

    test('counts a response once for each rule, even if the rule flags several entries of a repeat', async () => {
      const roster = {
        title: 'Roster',
        questions: [{ name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer' }] }],
      };
      const rules = Array.from({ length: 30 }, (_, n) => rule(`R${n}`, 'people/age', 'lessThan', 100 - n));
      await put(roster, 'roster');
      const people = Array.from({ length: 60 }, () => ({ age: 101 }));
      const responses = [
        { people },
        { people: [{ age: 3 }, { age: 101 }, { age: 102 }] },
        { people: [{ age: 4 }] },
        {},
      ];
      await proxy.call('saveResponses', {
        responses: responses.map((response) => incoming({ form_id: 'roster', response })),
      });

      const reply = await dryRun({ rules }, 'roster');

      expect(reply).toMatchObject({
        status: 200,
        body: {
          checked: 4,
          flagged: 2,
          rules: rules.map(({ name }) => ({
            rule: name,
            flagged: 2,
            checked: 3,
            not_applicable: 1,
            unreadable: 0,
            examples: [{ entry: '/people/0' }, { entry: '/people/1' }],
          })),
        },
      });
    });

    test('tries a definition as GET returned it, and as PUT takes it', async () => {
      await put(crops());
      const { body } = await get('crops');

      expect(await dryRun({ definition: body }, 'crops')).toMatchObject({ status: 200, body: { form_id: 'crops' } });
    });

    test('refuses the definition of another form, as PUT does, and checks none of its responses', async () => {
      await put(crops());
      await save({ [FOOD]: 1 });
      const definition = { ...crops(), form_id: 'household_finances' };

      const reply = await dryRun({ definition }, 'crops');

      expect(reply).toMatchObject({
        status: 422,
        body: {
          errors: [{ pointer: '/definition/form_id', detail: 'Send the id in the path, crops, or leave it out.' }],
        },
      });
      expect(proxy.calls.some(({ operation }) => operation === 'listResponses')).toBe(false);
    });

    test('refuses the version of a definition that PUT would refuse', async () => {
      await put(crops());

      const { status, body } = await dryRun({ definition: crops({ version: 'last' }) }, 'crops');

      expect(status).toBe(422);
      expect(pointersOf(body)).toEqual(['/definition/version']);
    });

    test('checks the sample and the stored responses at the current time of the server', async () => {
      now = Date.parse('2030-01-02T00:00:00Z');
      const questions = [{ key: 'dug', column: 'dug', type: 'date' }];
      const facts = [{ name: 'days_since', value: { days_between: ['dug', { now: {} }] } }];
      const rules = [rule('Past', 'days_since', 'greaterThanInclusive', 0)];
      await put({ title: 'Wells', questions }, 'wells');
      const answers = { dug: '2030-01-01' };
      await proxy.call('saveResponses', { responses: [incoming({ form_id: 'wells', response: answers })] });

      const reply = await dryRun({ facts, rules, sample: { ...metadata(), ...answers } }, 'wells');

      expect(reply).toMatchObject({ status: 200, body: { checked: 1, flagged: 0, sample: { status: 'accepted' } } });
    });

    test('counts the responses that lack an answer as not applicable, those of earlier versions too', async () => {
      const [first, second] = [
        { key: 'bags', column: 'bags', type: 'integer' },
        { key: 'sold', column: 'sold', type: 'integer' },
      ];
      await put({ title: 'Crops', questions: [first] });
      await put({ title: 'Crops', questions: [first, { ...second, required: false }] });
      const answers = [
        [1, { bags: 1 }],
        [2, { bags: 1 }],
        [2, { bags: 1, sold: 9 }],
      ] as const;
      const responses = answers.map(([form_version, response]) =>
        incoming({ form_id: 'crops', form_version, response }),
      );
      await proxy.call('saveResponses', { responses });

      const asks = {
        name: 'Asked',
        message: 'Ask how many were sold.',
        conditions: { fact: 'sold', operator: 'answered' },
      };
      const { body } = await dryRun({ rules: [rule('Few', 'sold', 'lessThan', 9), asks] }, 'crops');

      expect(body).toMatchObject({
        rules: [
          { rule: 'Few', flagged: 1, checked: 1, not_applicable: 2 },
          { rule: 'Asked', flagged: 1, checked: 2, not_applicable: 1 },
        ],
      });
    });

    test.each([
      ['accepted', {}, { status: 'accepted', flags: [] }],
      ['flagged', { [FOOD]: 5 }, { status: 'flagged', flags: [{ rule: 'Food', values: { [FOOD]: 5 } }] }],
      ['refused', { [FOOD]: 'much' }, { status: 'refused', errors: [{ pointer: `/${FOOD}` }] }],
    ])('says that a sample would be %s', async (_status, changes, sample) => {
      const reply = await dryRun({ rules: [rule('Food', FOOD, 'greaterThan', 5)], sample: household(changes) });

      expect(reply).toMatchObject({ status: 200, body: { checked: 0, sample } });
      expect(proxy.calls.some(({ operation }) => operation === 'saveResponses')).toBe(false);
    });

    test('returns at most five examples', async () => {
      await save(...Array.from({ length: 8 }, () => ({ [FOOD]: 1 })));

      const reply = await dryRun({ rules: [rule('Food', FOOD, 'greaterThan', 1)] });

      expect(reply.body).toMatchObject({ rules: [{ flagged: 8, examples: { length: 5 } }] });
    });

    test('reads every page of stored responses', async () => {
      await save(...Array.from({ length: 1_000 }, () => ({})));
      await save(...Array.from({ length: 201 }, () => ({ [FOOD]: 1 })));

      const reply = await dryRun({ rules: [rule('Food', FOOD, 'greaterThan', 1)] });

      expect(reply.body).toMatchObject({ checked: 1_201, flagged: 201, complete: true });
      expect(proxy.calls.filter(({ operation }) => operation === 'listResponses')).toHaveLength(2);
    });

    test('reads only responses saved since a time', async () => {
      const [early, late] = await save({ [FOOD]: 1 }, { [FOOD]: 1 });
      await savedAt(early, '2026-09-01T05:59:59.999Z');
      await savedAt(late, '2026-09-01T06:00:00.000Z');

      const reply = await dryRun({
        rules: [rule('Food', FOOD, 'greaterThan', 1)],
        since: '2026-09-01T09:00:00+03:00',
      });

      expect(reply.body).toMatchObject({ checked: 1, rules: [{ flagged: 1, examples: [{ response_id: late }] }] });
    });

    test('reads only responses of its form', async () => {
      await put(crops());
      await save({ [FOOD]: 1 });
      const response = { hectares: '1', bags: 2, sold: 3 };
      await proxy.call('saveResponses', { responses: [incoming({ form_id: 'crops', response })] });

      const reply = await dryRun({ rules: crops()['rules'] }, 'crops');

      expect(reply.body).toMatchObject({
        form_id: 'crops',
        checked: 1,
        flagged: 1,
        rules: [{ examples: [{ message: 'Sold 3 of 2 bags.' }] }],
      });
    });

    test('leaves out erased responses', async () => {
      const [erased] = await save({ [FOOD]: 1 }, { [FOOD]: 1 });
      await proxy.call('eraseResponse', { response_id: erased ?? '' });

      const reply = await dryRun({ rules: [rule('Food', FOOD, 'greaterThan', 1)] });

      expect(reply.body).toMatchObject({ checked: 1, flagged: 1, complete: true });
      expect(JSON.stringify(reply.body)).not.toContain(erased);
    });

    test('flags nothing if the request has no rules', async () => {
      await save({});

      expect((await dryRun({ rules: [] })).body).toMatchObject({ checked: 1, flagged: 0, rules: [] });
    });

    test('does not apply a rule to a response that lacks an answer', async () => {
      await put(crops());
      const responses = [
        incoming({ form_id: 'crops', response: { hectares: 1, bags: 2 } }),
        incoming({ form_id: 'crops', response: { hectares: 1, bags: 2, sold: 5 } }),
      ];
      await proxy.call('saveResponses', { responses });

      const reply = await dryRun({ rules: crops()['rules'] }, 'crops');

      expect(reply.body).toMatchObject({ checked: 2, flagged: 1 });
    });

    test('counts responses whose answers have an earlier type of their question', async () => {
      const saved = (response: Record<string, unknown>) => incoming({ form_id: 'crops', response });
      await proxy.call('saveResponses', {
        responses: [saved({ bags: 'many', hectares: 5 }), saved({ bags: 3, hectares: 5 }), saved({ hectares: 5 })],
      });
      await put(crops());

      const reply = await dryRun(
        { rules: [rule('Some', 'bags', 'greaterThan', 1), rule('Large', 'hectares', 'greaterThan', 1)] },
        'crops',
      );

      expect(reply.body).toMatchObject({
        checked: 3,
        rules: [
          { rule: 'Some', flagged: 0, unreadable: 1 },
          { rule: 'Large', flagged: 0, unreadable: 0 },
        ],
      });
    });

    test('reports the responses read so far, and that it is incomplete, if time runs out', async () => {
      await save(...Array.from({ length: 1_000 }, () => ({})));
      await save({});
      const slow = {
        call: ((operation, input) => {
          if (operation === 'listResponses') now += 20_000;
          return proxy.call(operation, input);
        }) as typeof proxy.call,
      };
      const hurried = createHandler({
        ...anyJob,
        files: new MemoryStore(),
        dbProxy: slow,
        recordChange: changeRecorder(logger),
        logger,
        now: () => now,
      });
      const event = httpEvent('POST /forms/{form_id}/dry-run', {
        body: { rules: [] },
        path: { form_id: 'household_finances' },
      });

      expect(readReply(await hurried(event)).body).toMatchObject({ checked: 1_000, complete: false });
    });

    test('tests the time after each response, not only after each page', async () => {
      await save({}, {}, {});
      const ticking = createHandler({
        ...anyJob,
        files: new MemoryStore(),
        dbProxy: proxy,
        recordChange: changeRecorder(logger),
        logger,
        now: () => (now += 8_000),
      });
      const event = httpEvent('POST /forms/{form_id}/dry-run', {
        body: { rules: [] },
        path: { form_id: 'household_finances' },
      });

      const { body } = readReply(await ticking(event));

      expect(body).toMatchObject({ complete: false });
      expect(Number(Reflect.get(Object(body), 'checked'))).toBeLessThan(3);
    });
  });

  describe('the snapshot', () => {
    test('has each stored version, and no pending repair', async () => {
      await put(crops());
      const second = await put({ ...crops(), title: 'Crops of 2027' });

      expect(store.keys()).toEqual(['forms/crops/9999999997.json', 'forms/crops/9999999998.json']);
      const { form } = await proxy.call('getForm', { form_id: 'crops' });
      expect(store.read('forms/crops/9999999997.json')).toEqual(form);
      expect(second.body).toMatchObject({ version: 2 });
    });

    test.each([
      ['S3 accepts only the marker', (request: string) => /forms/.test(request)],
      ['the reply of the database is lost', () => false],
    ])('has a pending repair when %s', async (_what, failing) => {
      store.failing = failing;
      if (!failing('PUT forms')) proxy.failWith = 'PROXY_UNREACHABLE';

      await put(crops());

      expect(store.keys()).toEqual([expect.stringMatching(/^owed\/snapshot\/[\da-f-]{36}$/)]);
    });

    test('does not prevent a form from being stored if S3 fails', async () => {
      store.failing = () => true;

      expect(await put(crops())).toMatchObject({ status: 201 });
    });
  });

  test('an unreachable proxy is 503', async () => {
    proxy.failWith = 'DATABASE_BUSY';

    const replies = [await send('GET /forms'), await get('crops'), await put(crops())];

    for (const reply of replies) {
      expect(reply).toMatchObject({
        status: 503,
        headers: { 'retry-after': '10' },
        body: { request_id: 'request-1' },
      });
    }
    expect(logger.lines).toHaveLength(3);
  });

  async function savedAt(responseId: string | undefined, time: string): Promise<void> {
    await proxy.database.db
      .updateTable('responses')
      .set({ updated_at: time })
      .where('response_id', '=', responseId ?? '')
      .execute();
  }
});

describe.each(databaseKinds)('an invalid request about forms, on %s', (kind) => {
  let proxy: InProcessProxy;
  let handler: ReturnType<typeof createHandler>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    const logger = new RecordingLogger();
    handler = createHandler({
      ...anyJob,
      files: new MemoryStore(),
      dbProxy: proxy,
      recordChange: changeRecorder(logger),
      logger,
      now: () => 0,
    });
  });
  beforeEach(() => {
    proxy.calls.length = 0;
  });
  afterAll(() => proxy.stop());

  async function send(routeKey: string, request: HttpRequest = {}) {
    return readReply(await handler(httpEvent(routeKey, request)));
  }

  const put = (body: unknown, formId = 'crops') => send('PUT /forms/{form_id}', { body, path: { form_id: formId } });
  const dryRun = (body: unknown) =>
    send('POST /forms/{form_id}/dry-run', { body, path: { form_id: 'household_finances' } });

  test.each(['nothing', 'Crops', '__proto__', `x' or '1'='1`, ''])('is 404 for the unknown id %j', async (id) => {
    expect(await send('GET /forms/{form_id}', { path: { form_id: id } })).toMatchObject({
      status: 404,
      body: { type: 'urn:collect:problem:not-found' },
    });
    expect(await send('POST /forms/{form_id}/dry-run', { body: { rules: [] }, path: { form_id: id } })).toMatchObject({
      status: 404,
    });
  });
  test.each(['Crops', 'crops-2', '2crops', '', '__proto__', 'a'.repeat(64)])(
    'is 422 for a PUT with the id %j',
    async (formId) => {
      const reply = await put(crops(), formId);

      expect(reply.status).toBe(422);
      expect(pointersOf(reply.body)).toEqual(['/form_id']);
    },
  );

  test.each(['__proto__', 'constructor'])('is 422 for a PUT with the member %s', async (member) => {
    const reply = await put(`{${JSON.stringify(member)}: {"title": "x"}, ${JSON.stringify(crops()).slice(1)}`);

    expect(reply.status).toBe(422);
    expect(pointersOf(reply.body)).toEqual([`/${member}`]);
  });

  test.each(['null', '[]', '"crops"', '5', '5e5'])('is 422 with an empty pointer for the body %s', async (body) => {
    const tried = await dryRun(body);

    for (const reply of [await put(body), tried]) {
      expect(reply.status).toBe(422);
      expect(pointersOf(reply.body)).toEqual(['']);
    }
  });

  test.each([
    [{}, ['/definition']],
    [{ rules: [], definition: {} }, ['/definition']],
    [{ facts: 'none' }, ['/facts']],
    [{ definition: { title: 'Crops', questions: [] } }, ['/definition/questions']],
    [{ rules: [], sample: 5 }, ['/sample']],
    [{ rules: 'none' }, ['/rules']],
    [{ rules: null }, ['/rules']],
    [{ rules: [], since: 'yesterday' }, ['/since']],
    [{ rules: [], since: 5 }, ['/since']],
    [{ rules: [], until: '2026-09-01T06:00:00Z', 'a/b': 1 }, ['/until', '/a~1b']],
    [{ rules: [5] }, ['/rules/0']],
    [{ rules: [rule('A', 'trees', 'greaterThan', 0)] }, ['/rules/0/message', '/rules/0/conditions/fact']],
    [{ rules: [rule('A', FOOD, 'near', 0)] }, ['/rules/0/conditions/operator']],
    [{ rules: [rule('A', FOOD, 'greaterThan', 'much')] }, ['/rules/0/conditions/value']],
  ])('is 422 for a dry run with %j', async (body, pointers) => {
    const reply = await dryRun(body);

    expect(reply).toMatchObject({ status: 422, body: { type: 'urn:collect:problem:invalid-form' } });
    expect(pointersOf(reply.body)).toEqual(pointers);
    expect(proxy.calls.some(({ operation }) => operation === 'listResponses')).toBe(false);
  });
});

/** The pointers of a problem's errors. */
function pointersOf(body: unknown): string[] {
  const errors: unknown = Reflect.get(Object(body), 'errors');
  return Array.isArray(errors) ? errors.map((error: unknown) => String(Reflect.get(Object(error), 'pointer'))) : [];
}

describe('an invalid version', () => {
  const dbProxy = { call: () => Promise.reject(new Error('The db-proxy must not be called.')) };
  const logger = new RecordingLogger();
  const handler = createHandler({
    ...anyJob,
    files: new MemoryStore(),
    dbProxy,
    recordChange: changeRecorder(logger),
    logger,
    now: () => 0,
  });
  const send = async (routeKey: string, request: HttpRequest) => readReply(await handler(httpEvent(routeKey, request)));

  test.each([
    [{ version: '0' }, '/version', 'Send a whole number from 1 on.'],
    [{ version: 'last' }, '/version', 'Send a whole number from 1 on.'],
    [{ versions: '1' }, '/versions', 'Leave it out; allowed here: version.'],
  ])('is 422 with the parameters %j', async (query, pointer, detail) => {
    expect(await send('GET /forms/{form_id}', { path: { form_id: 'crops' }, query })).toMatchObject({
      status: 422,
      body: { type: 'urn:collect:problem:invalid-parameter', errors: [{ pointer, detail }] },
    });
  });

  test.each([
    [{ version: 0 }, undefined, '/version'],
    [{ version: '1' }, undefined, '/version'],
    [{ version: null }, undefined, '/version'],
    [{ version: 2 }, '"1"', '/version'],
    [{}, '1', '/If-Match'],
    [{}, '"one"', '/If-Match'],
    [{}, '*', '/If-Match'],
  ])('is 422 for %j with If-Match %s', async (changes, etag, pointer) => {
    const headers = { ...(etag !== undefined && { 'if-match': etag }) };
    const reply = await send('PUT /forms/{form_id}', { body: crops(changes), path: { form_id: 'crops' }, headers });

    expect(reply.status).toBe(422);
    expect(pointersOf(reply.body)).toEqual([pointer]);
  });
});
