/** Uploads of real XForms and XLSForms to a running stack. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import { findPython } from '../../local/python.ts';
import { describeWithPyxform } from '../support/python.ts';
import { sampleXform } from '../support/sample-xform.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const FORMS = path.resolve('../shared/data/xforms');
const WORKBOOK = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

interface Expected {
  file: string;
  expectation: 'accept' | 'refuse' | 'either';
}

const realForms: Expected[] = existsSync(FORMS)
  ? parse(readFileSync(path.join(FORMS, 'index.csv')), { columns: true })
  : [];
const workbooks = existsSync(FORMS) ? globSync(path.join(FORMS, 'xlsforms/*.xlsx')).toSorted() : [];

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ maxConcurrency: 1 });
}, 120_000);
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

/** A form's id from the name of its file. */
const idOf = (file: string): string =>
  `f_${path
    .parse(file)
    .name.toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '_')}`;

/** What happens to a form. */
const ACCEPTED = { tried: 200, stored: 201, isServed: true, hasSameReport: true, faults: [] };
const REFUSED = {
  tried: 422,
  stored: 422,
  isServed: false,
  hasSameReport: true,
  faults: expect.arrayContaining([{ pointer: expect.any(String), detail: expect.stringMatching(/\.$/) }]),
};
const OUTCOMES = { accept: [ACCEPTED], refuse: [REFUSED], either: [ACCEPTED, REFUSED] };

(realForms.length === 0 ? describe.skip : describe)('real XForms (need ../shared)', () => {
  test.each(realForms.map(({ file, expectation }) => [file, expectation] as const))(
    '%s: %s, never an error of the server, and served byte for byte',
    async (file, expectation) => {
      const sent = readFileSync(path.join(FORMS, file));
      const address = `/forms/${idOf(file)}`;
      const tried = await send('PUT', `${address}/xform?dry_run=true`, sent);
      const stored = await send('PUT', `${address}/xform`, sent);
      const served = await send('GET', `${address}/xform`);
      // Some of these forms share an id.
      await send('DELETE', address);

      expect(OUTCOMES[expectation]).toContainEqual({
        tried: tried.status,
        stored: stored.status,
        isServed: served.bytes.equals(sent),
        hasSameReport: isDeepStrictEqual(tried.body['report'], stored.body['report']),
        faults: stored.body['errors'] ?? [],
      });
    },
  );
});

const describeWithWorkbooks = workbooks.length === 0 ? describe.skip : describeWithPyxform;

describeWithWorkbooks('real XLSForms', () => {
  test.each(workbooks)('%s becomes the XForm that pyxform makes, and is stored', async (file) => {
    const form = `/forms/${idOf(file)}/xform`;
    const stored = await send('PUT', form, readFileSync(file), WORKBOOK);
    const served = await send('GET', form);
    const again = await send('PUT', form, readFileSync(file), 'application/octet-stream');

    expect([stored.status, stored.body['errors']]).toEqual([201, undefined]);
    expect(served.bytes.equals(readFileSync(file.replace(/xlsx$/, 'xml')))).toBe(true);
    expect([again.status, again.body['version']]).toEqual([200, stored.body['version']]);
  });
});

describeWithPyxform('workbooks', () => {
  test('that are no workbooks are refused with advice', async () => {
    const refused = await send('PUT', '/forms/wells/xform', 'name,label', WORKBOOK);

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ detail: expect.stringContaining('.xlsx') }] } });
  });
});

describeWithPyxform('an archive', () => {
  test('that unpacks to more than a workbook may have is refused before it is unpacked', async () => {
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

test('media survive the next version, and names may have any letters', async () => {
  const model = '<instance id="d" src="jr://file-csv/Größe \'1\'.csv"/>';
  const media = `/forms/springs/xform/media/${encodeURIComponent("Größe '1'.csv")}`;
  await send('PUT', '/forms/springs/xform', sampleXform({ id: 'springs', model }));
  const stored = await send('PUT', media, Buffer.from('name\nä\n'), 'text/csv');
  const next = await send('PUT', '/forms/springs/xform', sampleXform({ id: 'springs', model, version: '2' }));

  expect(stored).toMatchObject({ status: 200, body: { name: "Größe '1'.csv", bytes: 8, missing: [] } });
  expect(next.body['media']).toMatchObject({ files: [{ name: "Größe '1'.csv" }], missing: [] });
});
