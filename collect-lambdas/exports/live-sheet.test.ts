import { emptyTables } from '../../tests/support/exports.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { createHandler } from './routes.ts';

const SPREADSHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';
const SHEET = { spreadsheet_id: SPREADSHEET, tab: 'Households' };

describe('the routes of a live sheet', () => {
  let proxy: InProcessProxy;
  let triggers: number;

  beforeAll(async () => {
    proxy = await InProcessProxy.start('sqlite');
  });
  beforeEach(async () => {
    triggers = 0;
    await emptyTables(proxy.database);
    await proxy.database.db.deleteFrom('live_sheets').execute();
  });
  afterAll(() => proxy.stop());

  async function call(method: string, body?: unknown, form = 'household_finances', route = '/forms/{form_id}/sheet') {
    const handler = createHandler({
      dbProxy: proxy,
      logger: new RecordingLogger(),
      enqueue: () => Promise.resolve(),
      triggerLiveSheets: () => {
        triggers += 1;
        return Promise.resolve();
      },
      leaveMarker: () => Promise.resolve(true),
      linkTo: () => Promise.resolve(''),
      defaultSpreadsheetId: '',
    });
    const request: HttpRequest = { path: { form_id: form }, ...(body !== undefined && { body }) };
    return readReply(await handler(httpEvent(`${method} ${route}`, request)));
  }

  it('create the live sheet, start its worker, and show its state', async () => {
    const made = await call('PUT', SHEET);
    const again = await call('PUT', { ...SHEET, tab: 'HOUSEHOLDS' });
    const moved = await call('PUT', { ...SHEET, tab: 'Others' });
    const shown = await call('GET');

    expect([made.status, again.status, moved.status, shown.status]).toEqual([201, 200, 200, 200]);
    expect(triggers).toBe(3);
    expect(made.body).toMatchObject({ ...SHEET, form_id: 'household_finances', state: 'starting', behind: 0 });
    expect(again.body).toEqual(made.body);
    expect(shown.body).toEqual(moved.body);
    const { items } = await proxy.call('listAuditEvents', { limit: 10 });
    expect(items.map(({ action, detail }) => [action, detail])).toEqual([
      ['live_sheet_changed', `${SPREADSHEET} Others`],
      ['live_sheet_changed', `${SPREADSHEET} Households`],
    ]);
  });

  it.each([
    ['in_step', { in_step_at: '2026-09-01T06:00:00.000Z' }],
    ['broken', { in_step_at: '2026-09-01T06:00:00.000Z', error: 'Share it.' }],
  ])('show that it is %s', async (state, changes) => {
    await call('PUT', SHEET);
    await proxy.database.db.updateTable('live_sheets').set(changes).execute();

    expect((await call('GET')).body).toMatchObject({ state });
  });

  it('list the live sheets of all forms', async () => {
    expect((await call('GET', undefined, undefined, '/sheets')).body).toEqual({ items: [] });
    const { body } = await call('PUT', SHEET);

    expect((await call('GET', undefined, undefined, '/sheets')).body).toEqual({ items: [body] });
  });

  it('show that it is behind', async () => {
    await call('PUT', SHEET);
    const { db } = proxy.database;
    await db.updateTable('live_sheets').set({ in_step_at: '2026-09-01T06:00:00.000Z' }).execute();
    const change = { form_id: 'household_finances', response_id: 'r1' };
    await db.insertInto('live_sheet_changes').values([change, change]).execute();

    expect((await call('GET')).body).toMatchObject({ state: 'behind', behind: 1 });
  });

  it('end the live sheet', async () => {
    await call('PUT', SHEET);

    expect((await call('DELETE')).status).toBe(204);
    for (const method of ['DELETE', 'GET']) {
      expect(await call(method)).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('PUT /forms') },
      });
    }
  });

  it('refuse a form that does not exist, a tab of another form, and bodies that name no tab', async () => {
    await proxy.call('putForm', { form_id: 'wells', definition: { title: 'Wells', questions: [] } });
    await call('PUT', SHEET);

    expect(await call('PUT', SHEET, 'crops')).toMatchObject({ status: 404 });
    expect(await call('PUT', SHEET, 'No form')).toMatchObject({ status: 404 });
    expect(await call('PUT', SHEET, 'wells')).toMatchObject({
      status: 409,
      body: { detail: 'This tab is the live sheet of the form household_finances. Choose another tab.' },
    });
    const pointersOf = async (body: unknown) => {
      const refused = await call('PUT', body);
      expect(refused.status).toBe(422);
      return (refused.body as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer);
    };
    expect(await pointersOf({})).toEqual(['/spreadsheet_id', '/tab']);
    expect(await pointersOf({ spreadsheet_id: 'my sheet', tab: ' x' })).toEqual(['/spreadsheet_id', '/tab']);
    expect(await pointersOf({ ...SHEET, rows: 5 })).toEqual(['/rows']);
    expect(await pointersOf({ ...SHEET, tab: 'x'.repeat(101) })).toEqual(['/tab']);
  });
});
