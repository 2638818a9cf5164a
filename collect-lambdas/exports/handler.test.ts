import { randomUUID } from 'node:crypto';
import { PutObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEventFile } from '../../tests/support/event-file.ts';
import { ask, claim, emptyTables, ObjectStore, TABLE } from '../../tests/support/exports.ts';
import { httpEvent, readReply, type HttpRequest } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { incoming } from '../../tests/support/responses.ts';
import { EXPORT_MARKERS, leaveMarker } from '../shared/owed.ts';
import { createHandler } from './routes.ts';
import { SYSTEM_TABLES } from '../../db-proxy-lambda/contract.ts';

const SPREADSHEET = '1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms';

interface ExportBody {
  export_id: string;
  status: string;
}

describe.each(databaseKinds)('the exports API on %s:', (kind) => {
  let proxy: InProcessProxy;
  let store: ObjectStore;
  /** The ids in the queue. */
  let queued: string[];
  /** While it is set, the queue refuses messages. */
  let queueFails: boolean;
  let markers: MemoryStore;
  let logger: RecordingLogger;

  beforeAll(async () => {
    [proxy, store] = await Promise.all([InProcessProxy.start(kind), ObjectStore.start()]);
  });
  beforeEach(async () => {
    await emptyTables(proxy.database);
    queued = [];
    queueFails = false;
    markers = new MemoryStore();
    logger = new RecordingLogger();
    proxy.failWith = undefined;
  });
  afterAll(async () => {
    await Promise.all([proxy.stop(), store.stop()]);
  });

  async function call(route: string, request: HttpRequest = {}) {
    return readReply(await handle(httpEvent(route, request)));
  }
  function handle(event: ReturnType<typeof httpEvent>) {
    const handler = createHandler({
      dbProxy: proxy,
      logger,
      enqueue: (id) => {
        if (queueFails) return Promise.reject(new Error('The queue is unavailable.'));
        queued.push(id);
        return Promise.resolve();
      },
      leaveMarker: (key, about) => leaveMarker(markers, logger, key, about),
      linkTo: (bucket, key) =>
        getSignedUrl(store.s3, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: 3_600 }),
      triggerLiveSheets: () => Promise.resolve(),
      defaultSpreadsheetId: SPREADSHEET,
    });
    return handler(event);
  }
  const post = (body: unknown) => call('POST /google-sheet', { body });

  describe('POST /google-sheet', () => {
    it('replies 202 with the address of the export, and queues it', async () => {
      const { status, headers, body } = await post({ table_name: TABLE });

      const { export_id: exportId } = body as ExportBody;
      expect(status).toBe(202);
      expect(body).toEqual({ export_id: exportId, status: 'queued', status_url: `/exports/${exportId}` });
      expect(headers['location']).toBe(`/exports/${exportId}`);
      expect(queued).toEqual([exportId]);
    });

    it('returns the same export for duplicate requests, consecutive or concurrent', async () => {
      const replies = [
        await post({ table_name: TABLE }),
        ...(await Promise.all([1, 2, 3].map(() => post({ table_name: TABLE })))),
      ];

      expect(replies.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
      expect(new Set(replies.map(({ body }) => (body as ExportBody).export_id)).size).toBe(1);
    });

    it('does not queue a running export again', async () => {
      const exportId = await ask(proxy, { spreadsheet_id: SPREADSHEET, format: { csv: true, sheet: true } });
      await claim(proxy, exportId);

      const { body } = await post({ table_name: TABLE });

      expect(body).toMatchObject({ export_id: exportId, status: 'running' });
      expect(queued).toEqual([]);
    });

    it('creates another export for another filter', async () => {
      const all = await post({ table_name: TABLE });

      const flagged = await post({ table_name: TABLE, filter: { status: 'flagged' } });

      expect((flagged.body as ExportBody).export_id).not.toBe((all.body as ExportBody).export_id);
    });

    it('refuses to write to a tab that a live sheet keeps, and says what to do', async () => {
      const { db } = proxy.database;
      await proxy.call('putLiveSheet', { form_id: TABLE, spreadsheet_id: SPREADSHEET, tab: TABLE.toUpperCase() });

      const refused = await post({ table_name: TABLE });
      const elsewhere = await post({ table_name: TABLE, spreadsheet_id: `${SPREADSHEET}2` });
      const filesOnly = await post({ table_name: TABLE, format: { sheet: false } });
      const otherTable = await post({ table_name: 'tasks' });

      await db.deleteFrom('live_sheets').execute();
      const afterwards = await post({ table_name: TABLE });
      expect(refused).toMatchObject({
        status: 409,
        body: {
          type: 'urn:collect:problem:tab-in-use',
          errors: [{ pointer: '/spreadsheet_id', detail: expect.stringContaining('"format": {"sheet": false}') }],
        },
      });
      expect([elsewhere, filesOnly, otherTable, afterwards].map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    });

    it('replies 503 if the queue fails, and the next request starts the same export', async () => {
      queueFails = true;
      const refused = await post({ table_name: TABLE });
      queueFails = false;

      const { status, body } = await post({ table_name: TABLE });

      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('10');
      expect(status).toBe(202);
      expect(queued).toEqual([(body as ExportBody).export_id]);
      expect((await call('GET /exports')).body).toMatchObject({ items: [{ status: 'queued' }] });
    });

    it('leaves a marker before it stores an export; if that fails, it stores no export and logs the id', async () => {
      const { body } = await post({ table_name: TABLE });
      expect(markers.keys()).toEqual([EXPORT_MARKERS + (body as ExportBody).export_id]);

      proxy.calls.length = 0;
      markers.failing = () => true;
      const refused = await post({ table_name: TABLE });

      expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '10' } });
      expect(proxy.calls.map(({ operation }) => operation)).toEqual(['findTable', 'listLiveSheets']);
      const [line] = logger.lines.map((each): Record<string, string> => JSON.parse(each));
      expect(line).toMatchObject({ message: 'marker not left', marker: `${EXPORT_MARKERS}${line?.['export_id']}` });
    });

    it('accepts the name of a repeat, and lists the repeats of the form if the name is unknown', async () => {
      const questions = [{ name: 'members', key: 'members', type: 'repeat', questions: [] }];
      await proxy.call('putForm', { form_id: 'clinic', definition: { title: 'Clinic', questions } });

      const accepted = await post({ table_name: 'clinic.members' });
      const refused = await post({ table_name: 'clinic.people' });

      const { export_id: exportId } = accepted.body as ExportBody;
      expect(accepted.status).toBe(202);
      expect((await call(`GET /exports/{export_id}`, { path: { export_id: exportId } })).body).toMatchObject({
        table_name: 'clinic.members',
      });
      expect(refused).toMatchObject({
        status: 422,
        body: { tables: ['clinic', 'clinic.members', TABLE, ...SYSTEM_TABLES] },
      });
    });

    it('refuses an unknown table with a list of all tables', async () => {
      const { status, body } = readReply(await handle(httpEventFile('exports', 'unknown-table')));

      expect(status).toBe(422);
      expect(body).toMatchObject({
        type: 'urn:collect:problem:invalid-parameter',
        errors: expect.arrayContaining([expect.objectContaining({ pointer: '/table_name' })]),
        tables: [TABLE, ...SYSTEM_TABLES],
      });
      expect(queued).toEqual([]);
    });

    it('refuses a body that is not JSON, has another content type, or is too large', async () => {
      const statuses = await Promise.all([
        post('{"table_name":'),
        call('POST /google-sheet', { body: 'table_name=x', contentType: 'text/plain' }),
        post({ table_name: 'x'.repeat(20_000) }),
      ]);

      expect(statuses.map(({ status }) => status)).toEqual([400, 415, 413]);
    });

    it('replies 503 without the reason while the proxy is unavailable', async () => {
      proxy.failWith = 'PROXY_UNREACHABLE';

      const { status, body } = await post({ table_name: TABLE });

      expect(status).toBe(503);
      expect(JSON.stringify(body)).not.toMatch(/proxy/i);
    });
  });

  describe('GET /exports/{export_id}', () => {
    const get = (exportId: string) => call('GET /exports/{export_id}', { path: { export_id: exportId } });

    it('returns a queued export', async () => {
      const exportId = await ask(proxy, { filter: { status: 'flagged' } });

      const { status, body } = await get(exportId);

      expect(status).toBe(200);
      expect(body).toEqual({
        export_id: exportId,
        table_name: TABLE,
        status: 'queued',
        rows_total: null,
        rows_done: 0,
        csv: null,
        ndjson: null,
        zip: null,
        sheet: null,
        error: null,
        filter: { status: 'flagged' },
        request: expect.objectContaining({ filter: { status: 'flagged' }, format: expect.anything() }),
        created_at: expect.stringMatching(/Z$/),
        started_at: null,
        finished_at: null,
      });
    });

    it('returns an NDJSON file with a link to it, like the CSV', async () => {
      const exportId = await ask(proxy, { format: { csv: false, sheet: false, ndjson: true } });
      await claim(proxy, exportId);
      const key = `${TABLE}/${exportId}.ndjson`;
      await store.s3.send(new PutObjectCommand({ Bucket: store.bucket, Key: key, Body: '{}\n' }));
      const ndjson = { bucket: store.bucket, key, rows: 1, bytes: 3, sha256: 'ab' };
      const end = { export_id: exportId, holder: 'worker-1', csv: null, ndjson, sheet: null, error: null } as const;
      await proxy.call('finishExport', { ...end, status: 'succeeded' });

      const { body } = await get(exportId);

      const { ndjson: shown } = body as { ndjson: { url: string } };
      expect(body).toMatchObject({ status: 'succeeded', rows_total: 1, rows_done: 1, csv: null, ndjson, sheet: null });
      expect(await (await fetch(shown.url)).text()).toBe('{}\n');
    });

    it('returns the results of an export, with a link to the CSV', async () => {
      const exportId = await ask(proxy);
      await claim(proxy, exportId);
      const key = `${TABLE}/${exportId}.csv`;
      await store.s3.send(new PutObjectCommand({ Bucket: store.bucket, Key: key, Body: 'a,b\r\n' }));
      const csv = { bucket: store.bucket, key, rows: 1, bytes: 5, sha256: 'ab' };
      const sheet = { spreadsheet_id: SPREADSHEET, tab: TABLE, url: 'https://example.org/edit#gid=7', rows: 1 };
      const end = { export_id: exportId, holder: 'worker-1', csv, sheet } as const;
      await proxy.call('finishExport', { ...end, status: 'succeeded', error: null });

      const { body } = await get(exportId);

      const { csv: shown } = body as { csv: { url: string } };
      expect(body).toMatchObject({ status: 'succeeded', rows_total: 1, rows_done: 1, csv, sheet, error: null });
      expect(new URL(shown.url).searchParams.get('X-Amz-Expires')).toBe('3600');
      expect(await (await fetch(shown.url)).text()).toBe('a,b\r\n');
    });

    it.each([randomUUID(), 'not-an-id', ''])('replies 404 for the unknown export %j', async (exportId) => {
      const { status } = await get(exportId);

      expect(status).toBe(404);
    });
  });

  describe('GET /exports', () => {
    it('lists exports newest first, in pages', async () => {
      for (const table of [TABLE, 'flags', 'revisions']) await ask(proxy, { table });

      const seen: { created_at: string; export_id: string }[] = [];
      let cursor: string | null = null;
      do {
        const { body } = await call('GET /exports', { query: { limit: '2', ...(cursor !== null && { cursor }) } });
        const page = body as { items: typeof seen; next_cursor: string | null };
        seen.push(...page.items);
        cursor = page.next_cursor;
      } while (cursor !== null);

      expect(new Set(seen.map((each) => each.export_id)).size).toBe(3);
      const times = seen.map((each) => each.created_at);
      expect(times).toEqual(times.toSorted().toReversed());
    });

    it('lists the exports of one table', async () => {
      for (const table of [TABLE, 'flags', 'revisions']) await ask(proxy, { table });

      const { body } = await call('GET /exports', { query: { table_name: 'flags' } });

      expect(body).toMatchObject({ items: [{ table_name: 'flags' }], next_cursor: null });
      expect(body).toMatchObject({ items: { length: 1 } });
    });

    it.each<Record<string, string>>([
      { cursor: 'x' },
      { limit: '0' },
      { limit: '101' },
      { page: '2' },
      { table_name: '' },
    ])('refuses %j', async (query) => {
      const { status } = await call('GET /exports', { query });

      expect(status).toBe(422);
    });
  });

  describe('GET /tables', () => {
    it('lists the tables with their columns and row counts', async () => {
      await proxy.call('saveResponses', { responses: [incoming(), incoming()] });

      const { status, body } = await call('GET /tables');

      expect(status).toBe(200);
      expect(body).toMatchObject({
        items: [
          { name: TABLE, kind: 'form', rows: 2 },
          ...SYSTEM_TABLES.map((name) => ({ name, kind: 'system', rows: name === 'revisions' ? 2 : 0 })),
        ],
      });
      expect((body as { items: { columns: unknown[] }[] }).items[0]?.columns[0]).toEqual({
        name: 'response_id',
        type: 'text',
      });
    });
  });
});
