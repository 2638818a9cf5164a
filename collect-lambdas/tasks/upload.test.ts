import { databaseKinds } from '../../tests/support/databases.ts';
import { itemsOf, startTasksApi, totalsOf, type TasksApi } from '../../tests/support/tasks-api.ts';
import { longTest } from '../../tests/support/thorough.ts';
import { HEADER } from './task-csv.ts';

const header = HEADER.join(',');
const csv = (...rows: string[]) => [header, ...rows].join('\n');

const AMA = 'Ama Khan,ama@example.org,Harvest,2026-09-01,Call back,IN_REVIEW';
const MO = `"O'Neil, Mo",mo@example.org,Harvest,2026-09-02,=cmd|' /C calc'!A0,WAITING`;

describe.each(databaseKinds)('An upload of tasks, on %s', (kind) => {
  let api: TasksApi;
  beforeEach(async () => {
    api = await startTasksApi(kind);
  });
  afterEach(() => api.proxy.stop());

  const nothing = { tasks: 0, people: 0, companies: 0, task_status: 3 };

  it('creates its tasks, and the people, companies and statuses that they name', async () => {
    expect(await api.upload(csv(AMA, MO))).toMatchObject({
      status: 200,
      body: { ok: true, count: 2, created: 2, unchanged: 0 },
    });
    expect(await totalsOf(api)).toEqual({ tasks: 2, people: 2, companies: 1, task_status: 4 });
    expect((await api.ask('GET /tasks/')).body).toMatchObject([
      { owner: 'Ama Khan', company: 'Harvest', status: 'IN_REVIEW', task_date: '2026-09-01', description: 'Call back' },
      { owner: "O'Neil, Mo", company: 'Harvest', status: 'WAITING', description: "=cmd|' /C calc'!A0" },
    ]);
  });

  it('adds nothing when it is repeated, even with other line ends', async () => {
    await api.upload(csv(AMA, MO));
    const before = [await totalsOf(api), await api.ask('GET /tasks/')];
    for (const text of [csv(AMA, MO), `\uFEFF${csv(AMA, MO).replaceAll('\n', '\r\n')}\r\n`, csv(MO, AMA)]) {
      expect((await api.upload(text)).body).toEqual({ ok: true, count: 2, created: 0, unchanged: 2 });
    }
    expect([await totalsOf(api), await api.ask('GET /tasks/')]).toEqual(before);
  });

  it('adds new rows, and does not change the tasks of earlier rows', async () => {
    await api.upload(csv(AMA));
    const [task] = itemsOf(await api.ask('GET /tasks/'));
    const request = { path: { id: String(task?.id) }, body: { status_id: 3, description: 'Called' } };
    await api.ask('PATCH /tasks/{id}/', request);
    expect((await api.upload(csv(MO, AMA))).body).toEqual({ ok: true, count: 2, created: 1, unchanged: 1 });
    expect((await api.ask('GET /tasks/')).body).toMatchObject([
      { status: 'REJECTED', description: 'Called' },
      { status: 'WAITING' },
    ]);
  });

  it('creates one task for each of several equal rows, and adds none when repeated', async () => {
    expect((await api.upload(csv(AMA, AMA, AMA))).body).toMatchObject({ created: 3, unchanged: 0 });
    expect((await api.upload(csv(AMA, AMA, AMA))).body).toMatchObject({ created: 0, unchanged: 3 });
    expect((await api.upload(csv(AMA, AMA, AMA, AMA))).body).toMatchObject({ created: 1, unchanged: 3 });
  });

  it('identifies people by their email, and does not rename them', async () => {
    await api.make('people', { name: 'Ama K.', email: 'ama@example.org' });
    await api.upload(csv(AMA, 'A. Khan,AMA@example.org,Harvest,2026-09-05,Visit,IN_REVIEW'));
    await api.upload(csv(AMA.replace('Ama Khan', 'Someone')));
    expect((await api.ask('GET /people/')).body).toMatchObject([{ name: 'Ama K.', email: 'ama@example.org' }]);
    expect(await totalsOf(api)).toMatchObject({ tasks: 2, people: 1 });
  });

  it('uses the first of two names for the same person', async () => {
    await api.upload(csv(AMA, AMA.replace('Ama Khan', 'Someone').replace('Call back', 'Visit')));
    expect((await api.ask('GET /people/')).body).toMatchObject([{ name: 'Ama Khan' }]);
  });

  it('creates a deleted task again', async () => {
    await api.upload(csv(AMA));
    const [task] = itemsOf(await api.ask('GET /tasks/'));
    await api.ask('DELETE /tasks/{id}/', { path: { id: String(task?.id) } });
    expect((await api.upload(csv(AMA))).body).toMatchObject({ created: 1 });
  });

  it('may contain no task', async () => {
    expect(await api.upload(header)).toMatchObject({ status: 200, body: { ok: true, count: 0, created: 0 } });
  });

  it.each([
    ['a bad row', csv(AMA, MO, AMA.replace('2026-09-01', '2026-13-01')), 422],
    ['another header', `${header},notes\n${AMA},x`, 422],
    ['an open quote', csv(AMA, '"Ama'), 400],
    ['bytes that are not text', Buffer.from([0xff, 0xfe, 0x00]), 400],
    ['too many bytes', Buffer.alloc(5_000_001, 'x'), 413],
  ])('stores nothing of a file with %s', async (_what, file, status) => {
    expect(await api.upload(file)).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } });
    expect(await totalsOf(api)).toEqual(nothing);
  });

  it('stores nothing if the request has no file or several', async () => {
    const file = { name: 'file', filename: 'tasks.csv', content: csv(AMA) };
    expect(await api.uploadParts([])).toMatchObject({ status: 422 });
    expect(await api.uploadParts([file, file])).toMatchObject({ status: 422 });
    expect(await api.ask('POST /tasks/upload/', { body: csv(AMA), contentType: 'text/csv' })).toMatchObject({
      status: 415,
    });
    expect(await totalsOf(api)).toEqual(nothing);
  });

  it('stores nothing if the database fails halfway', async () => {
    const { db } = api.proxy.database;
    await db.schema.dropTable('task_follow_ups').execute();
    await db.schema.dropTable('tasks').execute();
    await db.schema.createTable('tasks').addColumn('creation_key', 'varchar(64)').execute();
    // MySQL replies 503, because the missing table may be a schema that is still being migrated.
    expect([500, 503]).toContain((await api.upload(csv(AMA, MO))).status);
    expect(await db.selectFrom('people').selectAll().execute()).toEqual([]);
    expect(await db.selectFrom('companies').selectAll().execute()).toEqual([]);
  });

  it('does not log its rows', async () => {
    await api.upload(csv(AMA, MO.replace('mo@example.org', 'mo')));
    api.proxy.failWith = 'INTERNAL';
    expect(await api.upload(csv(AMA))).toMatchObject({ status: 500 });
    expect([...api.logged, ...api.proxy.logged].join('')).not.toMatch(/Ama|Khan|Harvest|example\.org/);
  });

  longTest('of 20,000 rows, nearly as large as a Lambda payload, is stored completely', async () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, index) =>
        `Person ${index % 5_000},p${index % 5_000}@example.org,Company ${index % 700},2026-09-01,${'x'.repeat(152)} ${index},IN_REVIEW`,
    );
    const file = csv(...rows);
    expect(file.length).toBeGreaterThan(4_300_000);
    expect((await api.upload(file)).body).toEqual({ ok: true, count: 20_000, created: 20_000, unchanged: 0 });
    expect((await api.upload(file)).body).toEqual({ ok: true, count: 20_000, created: 0, unchanged: 20_000 });
    expect(await totalsOf(api)).toEqual({ tasks: 20_000, people: 5_000, companies: 700, task_status: 3 });
  });
});
