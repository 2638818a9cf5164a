import { databaseKinds } from '../../tests/support/databases.ts';
import { itemOf, itemsOf, startTasksApi, type TasksApi } from '../../tests/support/tasks-api.ts';

const COLLECTIONS = ['companies', 'people', 'task_status'] as const;

describe.each(databaseKinds)('Companies, people and statuses, on %s:', (kind) => {
  let api: TasksApi;
  beforeEach(async () => {
    api = await startTasksApi(kind);
  });
  afterEach(() => api.proxy.stop());

  describe.each(COLLECTIONS)('/%s/', (collection) => {
    const route = (method: string, rest = '') => `${method} /${collection}/${rest}`;

    /** The total number of entries, and the names of the entries that a test created. */
    async function names(query: Record<string, string>) {
      const reply = await api.ask(route('GET'), { query });
      const all = itemsOf(reply).map(({ name }) => String(name));
      return [Number(reply.headers['x-total-count']), ...all.filter((name) => /^[ABC][a-z]/.test(name))];
    }

    it('creates, changes and deletes an entry', async () => {
      const created = await api.ask(route('POST'), { body: { name: '  Harvest & Co ' } });
      expect(created).toMatchObject({ status: 201, body: { name: 'Harvest & Co' } });
      const { id } = itemOf(created);
      expect(created.headers).toMatchObject({ location: `/api/v1/${collection}/${id}/` });
      const path = { id: String(id) };
      expect(await api.ask(route('GET', '{id}/'), { path })).toMatchObject({ status: 200, body: created.body });

      const changed = await api.ask(route('PATCH', '{id}/'), { path, body: { name: "O'Neil" } });
      expect(changed).toMatchObject({ status: 200, body: { id, name: "O'Neil" } });
      expect((await api.ask(route('GET', '{id}/'), { path })).body).toEqual(changed.body);

      expect(await api.ask(route('DELETE', '{id}/'), { path })).toMatchObject({ status: 204, body: null });
      for (const method of ['GET', 'DELETE']) {
        expect(await api.ask(route(method, '{id}/'), { path })).toMatchObject({ status: 404 });
      }
      expect(await api.ask(route('PATCH', '{id}/'), { path, body: { name: 'x' } })).toMatchObject({ status: 404 });
    });

    it('is served without the trailing slash too', async () => {
      const created = await api.ask(`POST /${collection}`, { body: { name: 'Harvest' } });
      const path = { id: String(itemOf(created).id) };
      expect(await api.ask(`GET /${collection}/{id}`, { path })).toMatchObject({ status: 200, body: created.body });
      expect(await api.ask(`GET /${collection}`)).toMatchObject({ status: 200 });
    });

    it('changes nothing if no member is sent', async () => {
      const id = String(await api.make(collection, { name: 'Harvest' }));
      const before = await api.ask(route('GET', '{id}/'), { path: { id } });
      expect(await api.ask(route('PATCH', '{id}/'), { path: { id }, body: {} })).toEqual(before);
    });

    it('is listed in pages, with the total number', async () => {
      for (const name of ['Cedar', 'Aloe', 'Birch']) await api.make(collection, { name });
      const seeded = collection === 'task_status' ? 3 : 0;
      const total = 3 + seeded;
      expect(await names({})).toEqual([total, 'Cedar', 'Aloe', 'Birch']);
      expect(await names({ sort: 'name' })).toEqual([total, 'Aloe', 'Birch', 'Cedar']);
      expect(await names({ sort: '-id', limit: '2' })).toEqual([total, 'Birch', 'Aloe']);
      expect(await names({ offset: String(seeded + 1), limit: '1' })).toEqual([total, 'Aloe']);
      expect(await names({ offset: '999999999' })).toEqual([total]);
      expect(await names({ name: 'Aloe' })).toEqual([1, 'Aloe']);
    });

    it('refuses unknown members and parameters, with all faults', async () => {
      expect(await api.ask(route('POST'), { body: { name: '', colour: 'red' } })).toMatchObject({
        status: 422,
        body: { type: 'urn:collect:problem:invalid-body', errors: [{ pointer: '/name' }, { pointer: '/colour' }] },
      });
      expect(await api.ask(route('POST'), { body: {} })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/name' }] },
      });
      expect(
        await api.ask(route('GET'), { query: { offset: '-1', limit: '101', sort: 'colour', q: 'x' } }),
      ).toMatchObject({
        status: 422,
        body: {
          type: 'urn:collect:problem:invalid-parameter',
          errors: [{ pointer: '/sort' }, { pointer: '/offset' }, { pointer: '/limit' }, { pointer: '/q' }],
        },
      });
    });

    it.each(['0', '-1', '1.5', 'upload', '1 or 1=1', '99999999999999999999', ''])(
      'replies 404 to the id %j',
      async (id) => {
        for (const method of ['GET', 'DELETE']) {
          expect(await api.ask(route(method, '{id}/'), { path: { id } })).toMatchObject({ status: 404 });
        }
      },
    );

    it('refuses a body that is not a JSON object, or is too large', async () => {
      expect(
        await api.ask(route('POST'), { body: 'name=x', contentType: 'application/x-www-form-urlencoded' }),
      ).toMatchObject({ status: 415 });
      expect(await api.ask(route('POST'), { body: '{"name"' })).toMatchObject({ status: 400 });
      expect(await api.ask(route('POST'), { body: '["x"]' })).toMatchObject({ status: 422 });
      expect(await api.ask(route('POST'), { body: { name: 'x'.repeat(64_000) } })).toMatchObject({ status: 413 });
      expect(await api.ask(route('POST'), { body: { name: 'half \ud800' } })).toMatchObject({ status: 422 });
      expect(await api.ask(route('POST'), { body: { name: 'two\nlines' } })).toMatchObject({ status: 422 });
    });
  });

  it.each(['companies', 'task_status'])('/%s/ has unique names', async (collection) => {
    const first = await api.make(collection, { name: 'Harvest' });
    const second = await api.make(collection, { name: 'harvest' });
    const conflict = {
      status: 409,
      body: {
        type: 'urn:collect:problem:already-exists',
        errors: [{ pointer: '/name', detail: `/api/v1/${collection}/${first}/ has this name.` }],
      },
    };
    expect(await api.ask(`POST /${collection}/`, { body: { name: 'Harvest' } })).toMatchObject(conflict);
    const path = { id: String(second) };
    expect(await api.ask(`PATCH /${collection}/{id}/`, { path, body: { name: 'Harvest' } })).toMatchObject(conflict);
    const same = { path: { id: String(first) }, body: { name: 'Harvest' } };
    expect(await api.ask(`PATCH /${collection}/{id}/`, same)).toMatchObject({ status: 200 });
  });

  it('People may share a name, but neither email nor user_id', async () => {
    const first = await api.make('people', { name: 'Ama', email: 'AMA@example.org', user_id: 'collector-1' });
    await api.make('people', { name: 'Ama', email: null });
    await api.make('people', { name: 'Ama' });
    const body = { name: 'Ama', email: 'ama@Example.org', user_id: 'collector-1' };
    expect(await api.ask('POST /people/', { body })).toMatchObject({
      status: 409,
      body: {
        errors: [
          { pointer: '/email', detail: `/api/v1/people/${first}/ has this email.` },
          { pointer: '/user_id', detail: `/api/v1/people/${first}/ has this user_id.` },
        ],
      },
    });
    expect((await api.ask('GET /people/', { query: { email: 'Ama@Example.org' } })).body).toMatchObject([
      { id: first },
    ]);
    expect((await api.ask('GET /people/', { query: { user_id: 'collector-1' } })).body).toMatchObject([{ id: first }]);
  });

  it('An email must be valid', async () => {
    for (const email of [
      'ama',
      'ama@example',
      'a b@example.org',
      '@example.org',
      `${'x'.repeat(250)}@example.org`,
      7,
    ]) {
      const reply = await api.ask('POST /people/', { body: { name: 'Ama', email } });
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/email' }] } });
    }
    await api.make('people', { name: 'Mo', email: "o'neil+tasks@mail.example.org" });
  });

  it('A person’s email can be removed, but not the name', async () => {
    const path = { id: String(await api.make('people', { name: 'Ama', email: 'ama@example.org' })) };
    expect(await api.ask('PATCH /people/{id}/', { path, body: { email: null } })).toMatchObject({
      status: 200,
      body: { name: 'Ama', email: null },
    });
    expect(await api.ask('PATCH /people/{id}/', { path, body: { name: null } })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/name' }] },
    });
  });

  it('Companies have no email', async () => {
    expect(await api.ask('POST /companies/', { body: { name: 'x', email: 'a@example.org' } })).toMatchObject({
      status: 422,
    });
    expect(await api.ask('GET /companies/', { query: { sort: 'email' } })).toMatchObject({ status: 422 });
  });

  it('The statuses of follow-up tasks exist from the start', async () => {
    const { body } = await api.ask('GET /task_status/');
    expect(body).toMatchObject([{ name: 'IN_REVIEW' }, { name: 'APPROVED' }, { name: 'REJECTED' }]);
  });

  it('Of concurrent requests to create the same entry, one creates it and the others conflict', async () => {
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => api.ask('POST /companies/', { body: { name: 'Harvest' } })),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([201, 409, 409, 409]);
  });

  it('While the database is unavailable, the reply is 503 and does not say why', async () => {
    api.proxy.failWith = 'DATABASE_UNAVAILABLE';
    const reply = await api.ask('GET /people/');
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
    expect(JSON.stringify(reply.body)).not.toMatch(/database/i);
  });
});
