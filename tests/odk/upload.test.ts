/** Uploads of XForms and XLSForms to a running stack. ALL_REAL_FORMS=1 uploads every real XLSForm. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findPython } from '../../local/python.ts';
import { describeWithPyxform } from '../support/python.ts';
import { readRealForms } from '../support/real-forms.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

const workbooks = readRealForms().flatMap(({ formId, bytes, workbook }) =>
  workbook === undefined ? [] : [[workbook, formId, bytes] as const],
);

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ maxConcurrency: 1 });
});
afterAll(() => stack.stop());

interface Reply {
  status: number;
  body: Record<string, unknown>;
  bytes: Buffer;
}

async function send(method: string, address: string, body?: Buffer | string, type = 'text/xml'): Promise<Reply> {
  const reply = await fetch(stack.url + address, {
    method,
    headers: { authorization: `Bearer ${stack.tokens.manager}`, ...(body !== undefined && { 'content-type': type }) },
    ...(body !== undefined && { body }),
  });
  const bytes = Buffer.from(await reply.arrayBuffer());
  const isJson = reply.headers.get('content-type')?.includes('json') === true;
  return { status: reply.status, bytes, body: isJson ? JSON.parse(bytes.toString()) : {} };
}

const describeWithWorkbooks = workbooks.length === 0 ? describe.skip : describeWithPyxform;

describeWithWorkbooks('real XLSForms', () => {
  test.each(workbooks)('%s becomes the XForm that pyxform makes, and is stored', async (file, formId, bytes) => {
    const form = `/forms/${formId}/xform`;
    const stored = await send('PUT', form, readFileSync(file), WORKBOOK);
    const served = await send('GET', form);
    const again = await send('PUT', form, readFileSync(file), 'application/octet-stream');

    expect([stored.status, stored.body['errors']]).toEqual([201, undefined]);
    expect(served.bytes.equals(bytes)).toBe(true);
    expect([again.status, again.body['version']]).toEqual([200, stored.body['version']]);
  });
});

describeWithPyxform('a file', () => {
  test('that is not a workbook is refused with advice', async () => {
    const refused = await send('PUT', '/forms/wells/xform', 'name,label', WORKBOOK);

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ detail: expect.stringContaining('.xlsx') }] } });
  });
});

describeWithPyxform('an archive', () => {
  test('that unpacks to more bytes than a workbook may have is refused before it is unpacked', async () => {
    const file = path.join(stack.home, 'bomb.xlsx');
    const write = `import sys, zipfile; zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED).writestr('xl/a.xml', b' ' * 30_000_000)`;
    execFileSync(findPython(), ['-c', write, file]);
    const refused = await send('PUT', '/forms/wells/xform', readFileSync(file), WORKBOOK);

    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ detail: expect.stringContaining('unpacks to 30000000') }] },
    });
  });
});

test('hostile XML is refused in less than a second', async () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  const deep = '<a>'.repeat(5_000) + '</a>'.repeat(5_000);
  for (const xml of [bomb + sampleXform().replace(/<\?.*\n/, ''), deep, '<a b="1" b="2"/>', '<a>', '\u0000']) {
    const start = performance.now();
    const { status } = await send('PUT', '/forms/wells/xform', xml);
    expect([xml.slice(0, 20), status]).toEqual([xml.slice(0, 20), 422]);
    expect(performance.now() - start).toBeLessThan(1_000);
  }
});

test('two uploads of one version at the same time store one of them', async () => {
  const [one, other] = [sampleXform({ id: 'dams' }), sampleXform({ id: 'dams', constraint: '. &gt; 1' })];
  const replies = await Promise.all([one, other].map((xml) => send('PUT', '/forms/dams/xform', xml)));

  expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  const { bytes } = await send('GET', '/forms/dams/xform');
  expect(bytes.toString()).toBe(replies[0]?.status === 201 ? one : other);
});

test('media stay for the next version, and their names may have any letters', async () => {
  const model = '<instance id="d" src="jr://file-csv/Größe \'1\'.csv"/>';
  const media = `/forms/springs/xform/media/${encodeURIComponent("Größe '1'.csv")}`;
  await send('PUT', '/forms/springs/xform', sampleXform({ id: 'springs', model }));
  const stored = await send('PUT', media, Buffer.from('name\nä\n'), 'text/csv');
  const next = await send('PUT', '/forms/springs/xform', sampleXform({ id: 'springs', model, version: '2' }));

  expect(stored).toMatchObject({ status: 200, body: { name: "Größe '1'.csv", bytes: 8, missing: [] } });
  expect(next.body['media']).toMatchObject({ files: [{ name: "Größe '1'.csv" }], missing: [] });
});
