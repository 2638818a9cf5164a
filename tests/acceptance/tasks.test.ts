/** Uploads 1,000 tasks. The file is in the folder shared/data next to the project. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { databaseKinds } from '../support/databases.ts';
import { itemsOf, startTasksApi, totalsOf, type TasksApi } from '../support/tasks-api.ts';

const FILE = path.resolve(process.cwd(), '../shared/data/tasks/tasks.csv');

function acceptance(kind: (typeof databaseKinds)[number]): void {
  let api: TasksApi;
  beforeEach(async () => {
    api = await startTasksApi(kind);
  });
  afterEach(() => api.proxy.stop());

  test('create 1,000 tasks when uploaded, and none when uploaded again', async () => {
    const file = readFileSync(FILE);
    expect((await api.upload(file)).body).toEqual({ ok: true, count: 1_000, created: 1_000, unchanged: 0 });
    const after = await totalsOf(api);
    expect(after).toEqual({ tasks: 1_000, people: 1_000, companies: 359, task_status: 3 });
    expect((await api.upload(file)).body).toEqual({ ok: true, count: 1_000, created: 0, unchanged: 1_000 });
    expect(await totalsOf(api)).toEqual(after);
  });

  test('are listed with the values of the file', async () => {
    const file = readFileSync(FILE);
    await api.upload(file);
    const listed: string[] = [];
    for (let offset = 0; offset < 1_000; offset += 100) {
      const query = { offset: String(offset), limit: '100' };
      for (const task of itemsOf(await api.ask('GET /tasks/', { query }))) {
        listed.push([task['owner'], task['company'], task['task_date'], task['description'], task['status']].join());
      }
    }
    const rows = file.toString().trim().split('\n').slice(1);
    // No cell of this file is quoted. A task has all values of its row except the email, which belongs to the owner.
    expect(listed).toEqual(rows.map((row) => row.split(',').toSpliced(1, 1).join()));
    const owner = 'clandman0@cyberchimps.com';
    expect(itemsOf(await api.ask('GET /tasks/', { query: { owner } }))).toMatchObject([{ owner: 'Carson Landman' }]);
  });
}

if (existsSync(FILE)) {
  describe.each(databaseKinds)('the tasks of shared/data on %s', (kind) => {
    acceptance(kind);
  });
} else {
  test(`SKIPPED: no file of 1,000 tasks is uploaded, because ${FILE} is missing`, () => {
    expect(existsSync(FILE)).toBe(false);
  });
}
