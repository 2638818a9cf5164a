import { databaseKinds } from '../../tests/support/databases.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { changeRecorder, MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { sampleXform } from '../../tests/support/sample-xform.ts';
import { findFormOfXform, findFormVersion, mediaKey, xformKey, xformVersionKey } from '../shared/xform-files.ts';
import type { Conversion } from './converter.ts';
import { createHandler } from './routes.ts';

const FORM = 'water_points';
const RULE = {
  name: 'Deep',
  message: 'The well is {depth} m deep. Ask again.',
  conditions: { fact: 'depth', operator: 'lessThan', value: 300 },
};

describe.each(databaseKinds)('XForms on %s:', (kind) => {
  let proxy: InProcessProxy;
  let files: MemoryStore;
  let snapshot: MemoryStore;
  let now: number;
  let conversion: Conversion;
  let handler: ReturnType<typeof createHandler>;

  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    files = new MemoryStore();
    snapshot = new MemoryStore();
    now = 1_000_000;
    files.now = () => now;
    conversion = { ok: true, xform: sampleXform(), warnings: [], itemsets: null };
    const logger = new RecordingLogger();
    handler = createHandler({
      dbProxy: proxy,
      files,
      recordChange: changeRecorder(logger, snapshot),
      logger,
      now: () => now,
      convert: () => Promise.resolve(conversion),
    });
  });
  afterEach(() => proxy.stop());

  interface Sent {
    formId?: string;
    type?: string;
    query?: Record<string, string>;
    headers?: Record<string, string>;
    base64?: boolean;
  }

  async function put(body: string, { formId = FORM, type = 'text/xml', ...more }: Sent = {}) {
    const event = httpEvent('PUT /forms/{form_id}/xform', {
      body,
      contentType: type,
      path: { form_id: formId },
      ...more,
    });
    const reply = readReply(await handler(event));
    const read: Record<string, unknown> = Object(reply.body);
    return { ...reply, body: read };
  }
  const get = (headers: Record<string, string> = {}, formId = FORM) =>
    handler(httpEvent('GET /forms/{form_id}/xform', { path: { form_id: formId }, headers }));
  const served = async (formId = FORM): Promise<string> =>
    Buffer.from((await get({}, formId)).body ?? '', 'base64').toString();
  async function media(method: 'PUT' | 'DELETE', file: string, body?: string, type = 'text/csv') {
    const route = `${method} /forms/{form_id}/xform/media/{file}`;
    return readReply(await handler(httpEvent(route, { path: { form_id: FORM, file }, body, contentType: type })));
  }
  const listMedia = async () =>
    readReply(await handler(httpEvent('GET /forms/{form_id}/xform/media', { path: { form_id: FORM } })));
  const form = async (formId = FORM) => (await proxy.call('getForm', { form_id: formId })).form;
  const rulesOf = async () => (await form())?.definition['rules'];
  async function addRule() {
    const { definition = {} } = (await form()) ?? {};
    await proxy.call('putForm', { form_id: FORM, definition: { ...definition, rules: [RULE] } });
  }

  describe('an upload', () => {
    test('stores the form, its snapshot and its bytes, and reports what the server checks and what only the phone checks', async () => {
      const reply = await put(sampleXform({ version: '2026.1' }));

      expect(reply).toMatchObject({
        status: 201,
        headers: { etag: '"1"' },
        body: {
          form_id: FORM,
          version: 1,
          xform: { id: FORM, version: '2026.1' },
          report: { questions: [{ path: 'depth', type: 'decimal', checks: expect.any(Array) }], warnings: [] },
          media: { files: [], missing: [] },
        },
      });
      expect(await served()).toBe(sampleXform({ version: '2026.1' }));
      expect(snapshot.keys('forms/water_points/')).toHaveLength(1);
      expect(await findFormVersion(files, FORM, '2026.1')).toBe(1);
      expect(await findFormOfXform(files, FORM)).toBe(FORM);
    });

    test('is served byte for byte: with its byte order mark, line ends and blanks', async () => {
      const sent = `\uFEFF${sampleXform().replaceAll('\n', '\r\n')}\t \r\n`;

      expect(await put(sent)).toMatchObject({ status: 201 });
      expect(await served()).toBe(sent);
      const { headers: { etag = '' } = {} } = await get();
      expect((await form())?.definition['xform']).toMatchObject({ md5: String(etag).slice(1, -1) });
      expect(await get({ 'if-none-match': String(etag) })).toMatchObject({ statusCode: 304 });
    });

    test('of the same bytes again changes nothing', async () => {
      await put(sampleXform());
      const keys = files.keys();

      expect(await put(sampleXform())).toMatchObject({ status: 200, body: { version: 1 } });
      expect(await put(sampleXform(), { headers: { 'if-match': '"7"' } })).toMatchObject({ status: 200 });
      expect(files.keys()).toEqual(keys);
    });

    test('of the same version with other bytes is refused, and of the next version is stored', async () => {
      await put(sampleXform());
      const other = await put(sampleXform({ constraint: '. &gt; 1' }));

      expect(other).toMatchObject({ status: 409, body: { type: 'urn:collect:problem:xform-version-taken' } });
      expect(JSON.stringify(other.body)).toContain('Give the XForm another version');
      expect(await served()).toBe(sampleXform());
      expect(await put(sampleXform({ constraint: '. &gt; 1', version: '2' }))).toMatchObject({
        status: 200,
        body: { version: 2 },
      });
    });

    test('may return to an earlier version with its own bytes', async () => {
      await put(sampleXform());
      await put(sampleXform({ version: '2' }));

      expect(await put(sampleXform())).toMatchObject({ status: 200, body: { version: 3, xform: { version: '1' } } });
      expect(await served()).toBe(sampleXform());
      expect(await put(sampleXform({ constraint: '. &gt; 2' }))).toMatchObject({ status: 409 });
    });

    test('keeps the rules of the newest version', async () => {
      await put(sampleXform());
      await addRule();

      expect(await put(sampleXform({ version: '2' }))).toMatchObject({ status: 200, body: { version: 3 } });
      expect(await rulesOf()).toMatchObject([RULE]);
    });

    test('keeps rules that are stored while it is translated', async () => {
      await put(sampleXform());
      const putForm = proxy.call.bind(proxy);
      jest.spyOn(proxy, 'call').mockImplementationOnce(async (operation, input) => {
        const result = await putForm(operation, input);
        await addRule();
        return result;
      });

      expect(await put(sampleXform({ version: '2' }))).toMatchObject({ status: 200, body: { version: 3 } });
      expect(await rulesOf()).toMatchObject([RULE]);
    });

    test('with If-Match is refused if another version was stored since', async () => {
      await put(sampleXform());
      await addRule();
      const reply = await put(sampleXform({ version: '2' }), { headers: { 'if-match': '"1"' } });

      expect(reply).toMatchObject({ status: 412, body: { current: { version: 2 }, based_on: { version: 1 } } });
      expect(reply.body['detail']).toContain('If-Match: "2"');
      expect(files.keys(xformKey(FORM, '2'))).toEqual([]);
      expect(await put(sampleXform({ version: '2' }), { headers: { 'if-match': '"2"' } })).toMatchObject({
        status: 200,
      });
    });
  });

  describe('an XForm id', () => {
    test('belongs to one form', async () => {
      await put(sampleXform());

      expect(await put(sampleXform(), { formId: 'wells' })).toMatchObject({
        status: 409,
        body: { type: 'urn:collect:problem:xform-id-taken', errors: [{ detail: expect.stringContaining(FORM) }] },
      });
      expect(await form('wells')).toBeNull();
    });

    test('cannot be the id of a form without an uploaded XForm', async () => {
      expect(await put(sampleXform({ id: 'household_finances' }))).toMatchObject({ status: 409 });
      expect(await put(sampleXform(), { formId: 'household_finances' })).toMatchObject({ status: 200 });
    });

    test('of an upload that failed, or of a deleted form, is free again', async () => {
      await put(sampleXform(), { formId: 'watre_points' });
      await proxy.call('deleteForm', { form_id: 'watre_points' });

      expect(await put(sampleXform())).toMatchObject({ status: 201 });
      expect(await findFormOfXform(files, FORM)).toBe(FORM);
    });
  });

  describe('a retry', () => {
    const steps = ['form-ids/', 'form.xml', 'itemsets.csv', 'owed/snapshot/', 'version.json'];
    const workbook = () => put('PK\u0003\u0004', { base64: true, type: 'application/octet-stream' });

    test.each(steps)('after a failure at %s does the rest', async (step) => {
      conversion = { ok: true, xform: sampleXform(), warnings: [], itemsets: 'list_name,name\n' };
      for (const store of [files, snapshot]) store.failing = (request) => request.includes(step);
      await workbook();
      for (const store of [files, snapshot]) store.failing = () => false;
      const reply = await workbook();

      expect([200, 201]).toContain(reply.status);
      expect(reply.body).toMatchObject({ version: 1, media: { files: [{ name: 'itemsets.csv' }] } });
      expect(await served()).toBe(sampleXform());
      expect(await findFormVersion(files, FORM, '1')).toBe(1);
    });

    test('after an outage of the database stores the form', async () => {
      await put(sampleXform({ version: '0' }));
      const call = proxy.call.bind(proxy);
      const outage = jest.spyOn(proxy, 'call').mockImplementation(async (operation, input) => {
        proxy.failWith = operation === 'putForm' ? 'PROXY_UNREACHABLE' : undefined;
        return await call(operation, input);
      });
      expect(await put(sampleXform())).toMatchObject({ status: 503 });
      outage.mockRestore();
      proxy.failWith = undefined;

      expect(await served()).toBe(sampleXform({ version: '0' }));
      expect(await put(sampleXform())).toMatchObject({ status: 200, body: { version: 2 } });
    });

    test('may bring other bytes, a minute after a first request that stored no form', async () => {
      await put(sampleXform({ version: '0' }));
      files.failing = (request) => request.startsWith('LIST');
      await put(sampleXform());
      files.failing = () => false;
      const corrected = sampleXform({ constraint: '. &gt; 1' });

      expect(await put(corrected)).toMatchObject({ status: 409, body: { detail: expect.stringContaining('minute') } });
      now += 61_000;
      expect(await put(corrected)).toMatchObject({ status: 200, body: { version: 2 } });
      expect(await served()).toBe(corrected);
    });

    test('is not needed to record the version of an XForm once another XForm was uploaded', async () => {
      await put(sampleXform());
      files.objects.delete(xformVersionKey(FORM, '1'));
      await put(sampleXform({ version: '2' }));

      expect(await findFormVersion(files, FORM, '1')).toBe(1);
    });
  });

  describe('a dry run', () => {
    test('stores nothing and has the same report', async () => {
      const tried = await put(sampleXform(), { query: { dry_run: 'true' } });

      expect(tried).toMatchObject({ status: 200, body: { dry_run: true, media: [] } });
      expect([...files.keys(), ...snapshot.keys()]).toEqual([]);
      expect(await form()).toBeNull();
      const stored = await put(sampleXform());
      expect(tried.body['report']).toEqual(stored.body['report']);
    });
  });

  describe('an upload is refused with a pointer if it has', () => {
    test.each([
      ['malformed XML', '<h:html>', ''],
      ['another document', '<kml/>', ''],
      ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]>${sampleXform().replace(/<\?.*\n/, '')}`, ''],
      ['no instanceID', sampleXform({ instanceId: false }), '/data'],
      ['encryption', sampleXform({ model: '<submission base64RsaPublicKey="abc"/>' }), ''],
    ])('%s', async (_what, xml, pointer) => {
      const reply = await put(xml);

      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: expect.stringContaining(pointer) }] } });
      expect(files.keys()).toEqual([]);
    });

    test.each([
      ['flags', 'Choose another id; a system table has this name.'],
      ['Water', 'Use a lowercase letter'],
    ])('the form_id %s', async (formId, detail) => {
      expect(await put(sampleXform(), { formId })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/form_id', detail: expect.stringContaining(detail) }] },
      });
    });

    test('a body of another type, an empty one, one that is too large, and one that is not UTF-8', async () => {
      const bytes = (content: Buffer) => ({
        ...httpEvent('PUT /forms/{form_id}/xform', { path: { form_id: FORM }, contentType: 'text/xml', body: 'x' }),
        body: content.toString('base64'),
        isBase64Encoded: true,
      });
      const statusOf = async (content: Buffer) => (await handler(bytes(content))).statusCode;

      expect(await put(sampleXform(), { type: 'application/json' })).toMatchObject({ status: 415 });
      expect(await put('')).toMatchObject({ status: 422 });
      expect(await put(sampleXform({ id: 'gr\uFFFD\uFFFDe' }))).toMatchObject({ status: 422 });
      expect(await statusOf(Buffer.from(sampleXform({ id: 'größe' }), 'latin1'))).toBe(422);
      expect(await statusOf(Buffer.from(`\uFEFF${sampleXform()}`, 'utf16le'))).toBe(422);
      expect(await statusOf(Buffer.alloc(4_000_001, 'x'))).toBe(413);
    });
  });

  describe('a workbook', () => {
    const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

    test('is stored as the XForm that it was converted to, with its warnings and its choices', async () => {
      conversion = {
        ok: true,
        xform: sampleXform(),
        warnings: ['[row : 3] Use max-pixels.'],
        itemsets: 'list_name,name',
      };

      expect(await put('PK', { type, base64: true })).toMatchObject({
        status: 201,
        body: {
          report: { warnings: [{ detail: '[row : 3] Use max-pixels.' }] },
          media: { files: [{ name: 'itemsets.csv' }] },
        },
      });
      expect(await served()).toBe(sampleXform());
    });

    test('that pyxform refuses is refused with pyxform’s words', async () => {
      conversion = { ok: false, reason: 'workbook', message: "[row : 4] Unknown question type 'texxt'." };

      expect(await put('PK', { type, base64: true })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '', detail: "[row : 4] Unknown question type 'texxt'." }] },
      });
    });

    test('cannot be converted without pyxform: 501 says what to do', async () => {
      conversion = { ok: false, reason: 'not-installed', message: 'pyxform is not installed.' };

      expect(await put('PK', { type, base64: true })).toMatchObject({
        status: 501,
        body: { detail: expect.stringContaining('npm run xlsform -- --install') },
      });
    });
  });

  describe('media', () => {
    const withMedia = (version: string) =>
      sampleXform({
        version,
        model: '<instance id="d" src="jr://file-csv/districts.csv"/><instance id="p" src="jr://file/pumps.geojson"/>',
      });

    test('that the XForm names and that are missing are listed until they are uploaded', async () => {
      const missing = ['districts.csv', 'pumps.geojson'];
      expect((await put(withMedia('1'))).body['media']).toEqual({ files: [], missing });

      expect(await media('PUT', 'districts.csv', 'name\nnorth\n')).toMatchObject({
        status: 200,
        body: { name: 'districts.csv', bytes: 11, missing: ['pumps.geojson'] },
      });
      expect(await listMedia()).toMatchObject({
        status: 200,
        body: {
          files: [{ name: 'districts.csv', md5: expect.stringMatching(/^[0-9a-f]{32}$/) }],
          missing: ['pumps.geojson'],
        },
      });
      expect(await files.getBytes(mediaKey(FORM, '1', 'districts.csv'))).toMatchObject({ type: 'text/csv' });
    });

    test('that the XForm does not name are stored with a warning', async () => {
      await put(withMedia('1'));

      expect(await media('PUT', 'distrcits.csv', 'name\n')).toMatchObject({
        status: 200,
        body: { warning: expect.stringContaining('does not name this file') },
      });
    });

    test('are used by the next version too, unless it has its own', async () => {
      await put(withMedia('1'));
      await media('PUT', 'districts.csv', 'name\nnorth\n');
      const reply = await put(withMedia('2'));
      await media('PUT', 'districts.csv', 'name\nsouth\n');

      expect(reply.body['media']).toMatchObject({ files: [{ name: 'districts.csv' }] });
      const first = await files.getBytes(mediaKey(FORM, '1', 'districts.csv'));
      expect(Buffer.from(first?.bytes ?? []).toString()).toBe('name\nnorth\n');
      await put(withMedia('1'));
      const second = await files.getBytes(mediaKey(FORM, '1', 'districts.csv'));
      expect(Buffer.from(second?.bytes ?? []).toString()).toBe('name\nnorth\n');
    });

    test('can be deleted', async () => {
      await put(withMedia('1'));
      await media('PUT', 'districts.csv', 'name\n');

      expect((await media('DELETE', 'districts.csv')).status).toBe(204);
      expect((await media('DELETE', 'districts.csv')).status).toBe(404);
      expect((await listMedia()).body).toMatchObject({ files: [] });
    });

    test.each(['../form.xml', '..', 'a\\b.csv', 'a\nb.csv', `${'ö'.repeat(300)}.csv`])(
      'cannot be called %j',
      async (name) => {
        await put(withMedia('1'));

        expect(await media('PUT', name, 'name\n')).toMatchObject({
          status: 422,
          body: { errors: [{ pointer: '/file', detail: expect.any(String) }] },
        });
      },
    );

    test('cannot be uploaded for a form without an uploaded XForm', async () => {
      expect((await listMedia()).status).toBe(404);
      expect(await media('PUT', 'districts.csv', 'name\n')).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('PUT /forms/{form_id}/xform') },
      });
    });
  });

  describe('GET', () => {
    test('replies with a generated XForm for a form that was sent as JSON', async () => {
      expect(await served('household_finances')).toContain('id="household_finances" version="1"');
    });

    test('refuses an unknown form', async () => {
      expect(await get({}, 'nothing')).toMatchObject({ statusCode: 404 });
    });
  });
});
