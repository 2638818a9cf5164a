import { databaseKinds } from '../../tests/support/databases.ts';
import { itemOf, itemsOf, pointersOf, startTasksApi, type TasksApi } from '../../tests/support/tasks-api.ts';

const one = (id: number) => ({ path: { id: String(id) } });

describe.each(databaseKinds)('Tasks, on %s', (kind) => {
  let api: TasksApi;
  let body: { owner_id: number; company_id: number | null; status_id: number; task_date: string; description: string };
  beforeEach(async () => {
    api = await startTasksApi(kind);
    body = {
      owner_id: await api.make('people', { name: "Mo O'Neil", email: 'mo@example.org' }),
      company_id: await api.make('companies', { name: 'Harvest' }),
      status_id: 1,
      task_date: '2026-09-01',
      description: 'Call back',
    };
  });
  afterEach(() => api.proxy.stop());

  it('are created, changed and deleted, and have the names of owner, company and status', async () => {
    const created = await api.ask('POST /tasks/', { body });
    const names = { owner: "Mo O'Neil", company: 'Harvest', status: 'IN_REVIEW', response_id: null };
    expect(created).toMatchObject({ status: 201, body: { ...body, ...names } });
    const { id } = itemOf(created);
    expect(created.headers).toMatchObject({ location: `/api/v1/tasks/${id}/` });
    expect(await api.ask('GET /tasks/{id}', one(id))).toMatchObject({ status: 200, body: created.body });

    const changes = { status_id: 3, company_id: null, description: 'first\r\nsecond' };
    const changed = await api.ask('PATCH /tasks/{id}/', { ...one(id), body: changes });
    expect(changed).toMatchObject({
      status: 200,
      body: { ...body, ...names, ...changes, company: null, status: 'REJECTED', description: 'first\nsecond' },
    });

    expect(await api.ask('DELETE /tasks/{id}/', one(id))).toMatchObject({ status: 204 });
    expect(await api.ask('GET /tasks/{id}/', one(id))).toMatchObject({ status: 404 });
    expect(await api.ask('DELETE /tasks/{id}/', one(id))).toMatchObject({ status: 404 });
    expect(await api.ask('PATCH /tasks/{id}/', { ...one(id), body: changes })).toMatchObject({ status: 404 });
  });

  it('need no company', async () => {
    const { company_id: _none, ...rest } = body;
    expect(await api.ask('POST /tasks/', { body: rest })).toMatchObject({ status: 201, body: { company_id: null } });
  });

  it('change only in the members that are sent', async () => {
    const id = await api.make('tasks', body);
    const before = await api.ask('GET /tasks/{id}/', one(id));
    expect(await api.ask('PATCH /tasks/{id}/', { ...one(id), body: {} })).toEqual(before);
    const { status } = await api.ask('PATCH /tasks/{id}/', { ...one(id), body: { task_date: '2024-02-29' } });
    expect(status).toBe(200);
    const after = await api.ask('GET /tasks/{id}/', one(id));
    expect(after.body).toMatchObject({ ...body, task_date: '2024-02-29' });
  });

  it('are refused with all their faults', async () => {
    const faulty = {
      owner_id: '1',
      status_id: 1.5,
      task_date: '2026-02-29',
      description: ' ',
      response_id: 'r',
      id: 7,
    };
    const pointers = ['/owner_id', '/status_id', '/task_date', '/description', '/response_id', '/id'];
    for (const route of ['POST /tasks/', 'PATCH /tasks/{id}/']) {
      const reply = await api.ask(route, { ...one(1), body: faulty });
      expect(reply).toMatchObject({ status: 422, headers: { 'content-type': 'application/problem+json' } });
      expect(pointersOf(reply)).toEqual(pointers);
    }
    const empty = await api.ask('POST /tasks/', { body: {} });
    expect(pointersOf(empty)).toEqual(['/owner_id', '/status_id', '/task_date', '/description']);
  });

  it('are refused if they refer to unknown entries, which the reply names', async () => {
    const id = await api.make('tasks', body);
    const references = { owner_id: 999, company_id: 998, status_id: 997 };
    const refused = {
      status: 422,
      body: { errors: [{ pointer: '/owner_id' }, { pointer: '/company_id' }, { pointer: '/status_id' }] },
    };
    expect(await api.ask('POST /tasks/', { body: { ...body, ...references } })).toMatchObject(refused);
    expect(await api.ask('PATCH /tasks/{id}/', { ...one(id), body: references })).toMatchObject(refused);
    expect(await api.ask('GET /tasks/{id}/', one(id))).toMatchObject({ body });
  });

  it('prevent the deletion of entries that they refer to, and are counted', async () => {
    const ids = [await api.make('tasks', body), await api.make('tasks', body)];
    const used = [
      ['people', body.owner_id, 'owner'],
      ['companies', body.company_id, 'company'],
      ['task_status', body.status_id, 'status'],
    ] as const;
    for (const [collection, id, filter] of used) {
      const refused = await api.ask(`DELETE /${collection}/{id}/`, one(id ?? 0));
      expect(refused).toMatchObject({
        status: 409,
        body: {
          type: 'urn:collect:problem:in-use',
          detail: expect.stringContaining(`2 tasks refer to it; /api/v1/tasks/?${filter}=${id} `),
          referred_to_by: [{ collection: 'tasks', count: 2 }],
        },
      });
    }
    for (const id of ids) await api.ask('DELETE /tasks/{id}/', one(id));
    for (const [collection, id] of used) {
      expect(await api.ask(`DELETE /${collection}/{id}/`, one(id ?? 0))).toMatchObject({ status: 204 });
    }
  });

  it('never refer to an entry that was deleted concurrently', async () => {
    const company = { path: { id: String(body.company_id) } };
    const replies = await Promise.all([
      api.ask('POST /tasks/', { body }),
      api.ask('DELETE /companies/{id}/', company),
      api.ask('POST /tasks/', { body }),
    ]);
    const [first, deleted, second] = replies.map(({ status }) => status);
    const stored = await api.ask('GET /companies/{id}/', company);
    expect([first, second].includes(201)).toBe(deleted === 409);
    expect(stored.status).toBe(deleted === 409 ? 200 : 404);
  });

  describe('in a list', () => {
    let ids: number[];
    beforeEach(async () => {
      const other = await api.make('people', { name: 'Ama Khan', email: 'ama@example.org' });
      const company = await api.make('companies', { name: '1984' });
      ids = [
        await api.make('tasks', { ...body, task_date: '2026-09-03' }),
        await api.make('tasks', { ...body, task_date: '2026-09-01', status_id: 2, company_id: company }),
        await api.make('tasks', { ...body, task_date: '2026-09-03', owner_id: other, company_id: null }),
        await api.make('tasks', { ...body, task_date: '2026-09-02', status_id: 3, owner_id: other }),
      ];
    });

    /** The indices in `ids` of the tasks that a query finds. */
    async function found(query: Record<string, string>): Promise<number[]> {
      return itemsOf(await api.ask('GET /tasks/', { query })).map(({ id }) => ids.indexOf(id));
    }

    it('are an array sorted by id, with the total number in a header', async () => {
      const reply = await api.ask('GET /tasks/');
      expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'x-total-count': '4' });
      expect(itemsOf(reply).map(({ id }) => id)).toEqual(ids);
    });

    it('have pages', async () => {
      expect(await found({ limit: '3' })).toEqual([0, 1, 2]);
      expect(await found({ limit: '3', offset: '3' })).toEqual([3]);
      expect(await found({ offset: '4' })).toEqual([]);
      const { headers } = await api.ask('GET /tasks/', { query: { limit: '1', status: 'IN_REVIEW' } });
      expect(headers['x-total-count']).toBe('2');
    });

    it.each([
      [{ status: 'IN_REVIEW' }, [0, 2]],
      [{ status: '2' }, [1]],
      [{ status: 'UNKNOWN' }, []],
      [{ owner: 'AMA@example.org' }, [2, 3]],
      [{ company: 'Harvest' }, [0, 3]],
      [{ company: '1984' }, []],
      [{ date_from: '2026-09-02' }, [0, 2, 3]],
      [{ date_to: '2026-09-02' }, [1, 3]],
      [{ date_from: '2026-09-02', date_to: '2026-09-02' }, [3]],
      [{ owner: 'ama@example.org', status: 'REJECTED', date_from: '2026-09-01' }, [3]],
      [{ response_id: 'response-1' }, []],
      [{ response_id: '🌾'.repeat(128) }, []],
      [{ sort: 'id' }, [0, 1, 2, 3]],
      [{ sort: '-id' }, [3, 2, 1, 0]],
      [{ sort: 'task_date' }, [1, 3, 0, 2]],
      [{ sort: '-task_date' }, [0, 2, 3, 1]],
      [{ sort: 'owner' }, [2, 3, 0, 1]],
      [{ sort: '-company' }, [0, 3, 1, 2]],
      [{ sort: 'status' }, [1, 0, 2, 3]],
      [{ sort: '-created_at', owner: 'nobody@example.org' }, []],
      [{ sort: 'updated_at', limit: '1', company: 'Nobody' }, []],
    ] satisfies [Record<string, string>, number[]][])('are found by %j', async (query, places) => {
      expect(await found(query)).toEqual(places);
      const { headers } = await api.ask('GET /tasks/', { query: { ...query, limit: '1' } });
      expect(headers['x-total-count']).toBe(String(places.length));
    });

    it('are found by the ids of owner, company and status', async () => {
      expect(await found({ owner: String(body.owner_id) })).toEqual([0, 1]);
      expect(await found({ company: String(body.company_id) })).toEqual([0, 3]);
    });

    it('are refused for invalid parameters', async () => {
      const query = {
        state: 'x',
        date_from: '2026-02-30',
        date_to: 'today',
        limit: '0',
        offset: 'x',
        status: '',
        sort: '',
        response_id: ' ',
      };
      const reply = await api.ask('GET /tasks/', { query });
      expect(reply.status).toBe(422);
      expect(new Set(pointersOf(reply))).toEqual(new Set(Object.keys(query).map((key) => `/${key}`)));
    });

    it.each([`' or '1'='1`, `x' union select * from people --`, `\\' or 1=1 #`, '%', '1 or 1=1'])(
      'are not found by the injection %s',
      async (attempt) => {
        for (const filter of ['status', 'owner', 'company', 'response_id']) {
          expect(await found({ [filter]: attempt })).toEqual([]);
        }
        for (const parameter of ['sort', 'date_from', 'limit', 'offset']) {
          expect(await api.ask('GET /tasks/', { query: { [parameter]: attempt } })).toMatchObject({ status: 422 });
        }
        expect(await found({})).toHaveLength(4);
      },
    );
  });
});
