import { createHash, hash } from 'node:crypto';
import { instanceOf } from '../../forms/xforms/instance.ts';
import type { Flag } from '../../forms/compiled/flags.ts';
import { OpenRosa } from '../../tests/support/openrosa.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import type { IncomingReview } from '../../db-proxy-lambda/contract.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { incoming } from '../../tests/support/responses.ts';
import { formOfXformKey, mediaKey, xformKey, xformVersionKey } from '../shared/xform-files.ts';

const WELLS = {
  form_id: 'wells',
  title: 'Wells & springs',
  questions: [
    { name: 'depth', type: 'decimal' },
    { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer', required: false }] },
  ],
  rules: [
    {
      name: 'Deep',
      message: 'The well is {depth} m deep. Is that right?',
      conditions: { fact: 'depth', operator: 'lessThanInclusive', value: 100 },
    },
  ],
};
const XML = '<h:html xmlns:h="http://www.w3.org/1999/xhtml">\r\n<!-- é --></h:html>';

let openRosa: OpenRosa;
beforeEach(async () => {
  openRosa = await OpenRosa.start('sqlite');
  await openRosa.putForm(WELLS);
});
afterEach(() => openRosa.stop());

const formList = (query: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  openRosa.send('GET /odk/{token}/formList', { query, headers });

/** The entries of a list, each with its elements' texts by name. */
function entriesOf(list: string): Record<string, string>[] {
  return [...list.matchAll(/<xform>(.*?)<\/xform>/gs)].map(([, inside = '']) =>
    Object.fromEntries([...inside.matchAll(/<(\w+)>(.*?)<\/\1>/gs)].map(([, name, text]) => [name, text])),
  );
}

/** Follows an address of the list or of a manifest. */
async function fetchUrl(url = '') {
  const [, token = '', formId = '', ...rest] = /\/odk\/([^/]+)\/forms\/([^/]+)\/(.*)$/.exec(url) ?? [];
  const steps = (rest[0] ?? '').split('/').map(decodeURIComponent);
  const [first = '', , file = ''] = steps;
  if (steps.length === 1) {
    const path = { token, form_id: formId, file: first };
    return await openRosa.send('GET /odk/{token}/forms/{form_id}/{file}', { path });
  }
  const path = { token, form_id: formId, version: first, ...(file !== '' && { file }) };
  const end = file === '' ? 'manifest' : 'media/{file}';
  return await openRosa.send(`GET /odk/{token}/forms/{form_id}/{version}/${end}`, { path });
}

async function uploadXform(formId: string, version: string, xml = XML): Promise<void> {
  const bytes = Buffer.from(xml);
  const id = `${formId}:v`;
  const xform = { id, version, md5: hash('md5', bytes), root: 'data', metadata: [] };
  await openRosa.files.putBytes(xformKey(formId, version), { bytes: new Uint8Array(bytes), type: 'text/xml' });
  const stored = await openRosa.putForm({ ...WELLS, form_id: formId, title: `Uploaded ${version}`, xform });
  await openRosa.files.put(xformVersionKey(formId, version), JSON.stringify({ form_version: stored }));
  await openRosa.files.put(formOfXformKey(id), JSON.stringify({ form_id: formId }));
}

describe('the list of forms', () => {
  test('has every open form with the hash of the bytes that are served', async () => {
    await openRosa.putForm({ ...WELLS, form_id: 'draft_wells', state: 'draft' });
    await openRosa.putForm({ ...WELLS, form_id: 'old_wells', state: 'closed' });

    const list = await formList();

    expect(list.status).toBe(200);
    expect(list.headers).toMatchObject({
      'content-type': 'text/xml; charset=utf-8',
      'x-openrosa-version': '1.0',
      'cache-control': 'no-cache',
    });
    expect(list.text).toContain('<xforms xmlns="http://openrosa.org/xforms/xformsList">');
    const entries = entriesOf(list.text);
    expect(new Set(entries.map(({ formID }) => formID))).toEqual(new Set(['household_finances', 'wells']));
    const wells = entries.find(({ formID }) => formID === 'wells');
    expect(wells).toEqual({
      formID: 'wells',
      name: 'Wells &amp; springs',
      version: '1',
      hash: expect.stringMatching(/^md5:[\da-f]{32}$/),
      downloadUrl: `https://api.example.org/odk/${openRosa.token}/forms/wells/1.xml`,
    });
    const form = await fetchUrl(wells?.['downloadUrl']);
    expect(form).toMatchObject({ status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' } });
    expect(`md5:${createHash('md5').update(form.text).digest('hex')}`).toBe(wells?.['hash']);
  });

  test('can be limited to one form, as Enketo asks', async () => {
    expect(entriesOf((await formList({ formID: 'wells' })).text)).toHaveLength(1);
    expect(entriesOf((await formList({ formID: 'dams' })).text)).toEqual([]);
  });

  test('gets 304 while it is unchanged, and HEAD gets the same ETag without the list', async () => {
    const { headers } = await formList();
    const etag = String(headers['etag']);

    expect(await formList({}, { 'if-none-match': etag })).toMatchObject({ status: 304, text: '', headers: { etag } });
    expect(await openRosa.send('HEAD /odk/{token}/formList')).toMatchObject({
      status: 200,
      text: '',
      headers: { etag },
    });
    await openRosa.putForm({ ...WELLS, form_id: 'more_wells' });
    expect((await formList({}, { 'if-none-match': etag })).status).toBe(200);
  });

  test('leads to the bytes of an uploaded XForm, and to its media', async () => {
    await uploadXform('springs', 'v 1/2');
    const photo = Buffer.from('\xff\xd8\xff', 'latin1');
    const name = 'source é&.jpg';
    await openRosa.files.putBytes(mediaKey('springs', 'v 1/2', name), {
      bytes: new Uint8Array(photo),
      type: 'image/jpeg',
    });

    const entry = entriesOf((await formList({ formID: 'springs:v' })).text)[0];
    expect(entry).toMatchObject({ formID: 'springs:v', version: 'v 1/2', name: 'Uploaded v 1/2' });
    expect((await fetchUrl(entry?.['downloadUrl'])).text).toBe(XML);
    const manifest = await fetchUrl(entry?.['manifestUrl']);
    expect(manifest.text).toContain('<manifest xmlns="http://openrosa.org/xforms/xformsManifest">');
    const [, hashed, url] =
      /<filename>source é&amp;\.jpg<\/filename><hash>(.*?)<\/hash><downloadUrl>(.*?)</.exec(manifest.text) ?? [];
    expect(hashed).toBe(`md5:${hash('md5', photo)}`);
    expect(await fetchUrl(url)).toMatchObject({ status: 200, headers: { 'content-type': 'image/jpeg' } });
    expect((await fetchUrl(url?.replace('source', 'sauce'))).status).toBe(404);
  });

  test('has uploaded forms without reading their bytes', async () => {
    await uploadXform('springs', '1');
    await uploadXform('dams', '7');
    openRosa.restart();
    openRosa.files.requests.length = 0;

    const ids = entriesOf((await formList()).text).map(({ formID, hash: md5 }) => [formID, md5]);

    expect(ids).toEqual(
      expect.arrayContaining([
        ['springs:v', `md5:${hash('md5', XML)}`],
        ['dams:v', `md5:${hash('md5', XML)}`],
      ]),
    );
    expect(openRosa.files.requests.filter((request) => !request.startsWith('LIST '))).toEqual([]);
  });

  test('has a form whose bytes are lost, because apps delete forms that are not in it; the download fails', async () => {
    await uploadXform('springs', '1');
    await openRosa.files.remove(xformKey('springs', '1'));

    const [entry] = entriesOf((await formList({ formID: 'springs:v' })).text);

    expect((await fetchUrl(entry?.['downloadUrl'])).status).toBe(500);
    expect(openRosa.logger.text).toContain('XForm not as it was uploaded');
  });

  test('gets 503 if a form cannot be read, because apps delete forms that are not in it', async () => {
    await openRosa.putForm({
      form_id: 'later',
      title: 'Of a later release',
      questions: [{ name: 'a', type: 'hologram' }],
    });

    expect(await formList()).toMatchObject({ status: 503, message: expect.stringContaining('The form later') });
    expect(openRosa.logger.text).toContain('form not listed');
  });

  test('gets 503 while the database or the bucket is unavailable, because apps delete forms that are not in it', async () => {
    await uploadXform('springs', '1');
    openRosa.files.failing = (request) => request.startsWith('LIST forms/');
    expect((await formList()).status).toBe(503);
    openRosa.files.failing = () => false;
    openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect(await formList()).toMatchObject({ status: 503, headers: { 'x-openrosa-version': '1.0' } });
  });
});

test('answers of an earlier version of an uploaded XForm are read by that version', async () => {
  await uploadXform('springs', '1');
  await uploadXform('springs', '2', `${XML}\n`);

  await openRosa.submit('uuid:old', { form: 'springs:v', version: '1', answers: '<depth>5</depth><people/>' });
  await openRosa.submit('uuid:new', { form: 'springs:v', version: '2', answers: '<depth>5</depth><people/>' });

  expect(await openRosa.history('uuid:old')).toMatchObject([{ form_version: 1, rules_version: 2, status: 'accepted' }]);
  expect(await openRosa.history('uuid:new')).toMatchObject([{ form_version: 2, rules_version: 2, status: 'accepted' }]);
});

describe('tokens', () => {
  test.each(['collector', 'manager', 'viewer'] as const)('of the role %s are refused with 403', async (role) => {
    const token = await openRosa.makeToken(role, role === 'collector' ? 'collector-1' : null);

    const reply = await openRosa.send('GET /odk/{token}/formList', { path: { token } });

    expect(reply).toMatchObject({ status: 403, message: expect.stringContaining(`the role ${role}`) });
    expect(reply.headers).toMatchObject({ 'x-openrosa-version': '1.0', 'content-type': 'text/xml; charset=utf-8' });
  });

  test.each(['unknown', 'not a token', "' or 1=1 --"])('%j is refused with 403 and advice', async (token) => {
    const reply = await openRosa.send('HEAD /odk/{token}/submission', { path: { token } });
    expect(reply).toMatchObject({ status: 403, message: expect.stringContaining('Ask the manager') });
  });

  test('are checked by the snapshot during an outage, and get 503 if the snapshot is unavailable too', async () => {
    openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect(await openRosa.send('HEAD /odk/{token}/submission')).toMatchObject({
      status: 204,
      headers: {
        'x-openrosa-version': '1.0',
        'x-openrosa-accept-content-length': '4000000',
        location: `https://api.example.org/odk/${openRosa.token}/submission`,
      },
    });
    openRosa.restart();
    openRosa.snapshot.failing = () => true;
    expect((await openRosa.send('GET /odk/{token}/submission')).status).toBe(503);
    expect(openRosa.logger.text).not.toContain(openRosa.token);
  });
});

describe('the corrections form', () => {
  const ANSWERS = '<depth>150</depth><people><age>7</age></people>';
  const corrected = (depth: number, revision = 1) =>
    `<correction><response_id>uuid:a</response_id><revision>${revision}</revision><form_version>1</form_version><reasons/></correction><depth>${depth}</depth>`;
  const correct = (id: string, answers: string, token = openRosa.token) =>
    openRosa.submit(id, { form: 'wells_corrections', version: 'x', answers, token });
  const corrections = async () =>
    entriesOf((await formList()).text).filter(({ formID }) => formID?.endsWith('_corrections'));

  beforeEach(async () => {
    await openRosa.submit('uuid:a', { answers: ANSWERS });
    await openRosa.submit('uuid:b', { answers: '<depth>5</depth><people/>' });
  });

  test('is listed while the collector has flagged responses, with these in its file', async () => {
    const [entry, ...others] = await corrections();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ formID: 'wells_corrections', name: 'Corrections: Wells &amp; springs' });
    const form = await fetchUrl(entry?.['downloadUrl']);
    expect(`md5:${hash('md5', form.text)}`).toBe(entry?.['hash']);
    const manifest = await fetchUrl(entry?.['manifestUrl']);
    const csv = await fetchUrl(/<downloadUrl>(.*?)</.exec(manifest.text)?.[1]);
    expect(csv.text).toContain('"uuid:a"');
    expect(csv.text).toContain('The well is 150 m deep.');
    expect(csv.text).not.toContain('uuid:b');
    expect(manifest.text).toContain(`md5:${hash('md5', csv.text)}`);

    const other = await openRosa.makeToken('device', 'collector-2');
    const list = await openRosa.send('GET /odk/{token}/formList', { path: { token: other } });
    expect(list.text).not.toContain('_corrections');
  });

  test('changes only when the flagged responses of the collector change', async () => {
    const before = await corrections();
    await openRosa.submit('uuid:c', { answers: '<depth>5</depth><people/>' });
    expect(await corrections()).toEqual(before);
    await correct('uuid:correction', corrected(15));
    expect(await corrections()).toEqual([]);
  });

  describe('with a response that a manager returned', () => {
    const review = (changes: Partial<IncomingReview> & Pick<IncomingReview, 'action'>) =>
      openRosa.proxy.call('saveReviews', { reviews: [incomingReview({ response_id: 'uuid:b', ...changes })] });
    const csvOf = async (token = openRosa.token) => {
      const reply = await openRosa.send('GET /odk/{token}/forms/{form_id}/{version}/media/{file}', {
        path: { token, form_id: 'wells', version: 'corrections', file: 'flagged.csv' },
      });
      return reply.text;
    };
    const RETURN = { action: 'return', revision: 1, text: 'Is it the well at the school?' } as const;

    test('has the text of the manager, until the collector sends it again, even with the same answers', async () => {
      expect(await csvOf()).not.toContain('uuid:b');
      await review(RETURN);
      await review({ action: 'comment', text: 'Ask the headmaster.' });
      expect(await csvOf()).toContain('"Is it the well at the school?\nAsk the headmaster.","1","5"');

      const answers = corrected(5).replace('uuid:a', 'uuid:b');
      expect(await correct('uuid:correction', answers)).toMatchObject({ status: 201, message: 'Accepted.' });
      expect(await csvOf()).not.toContain('uuid:b');
      expect(await openRosa.history('uuid:b')).toMatchObject([{ status: 'returned' }, { status: 'accepted' }]);
    });

    test('goes to the collector to whom it is assigned, whose correction it takes', async () => {
      const other = await openRosa.makeToken('device', 'collector-2');
      await review(RETURN);
      await review({ action: 'assign', assignee: 'collector-2' });
      expect([await csvOf(), await csvOf(other)]).toEqual([
        expect.not.stringContaining('uuid:b'),
        expect.stringContaining('uuid:b'),
      ]);

      const answers = corrected(6).replace('uuid:a', 'uuid:b');
      const refused = await correct('uuid:of-the-first', answers);
      expect(refused).toMatchObject({ status: 403, message: expect.stringContaining('assigned') });
      expect(await correct('uuid:of-the-second', answers, other)).toMatchObject({ status: 201, message: 'Accepted.' });
      expect(await openRosa.history('uuid:b')).toMatchObject([
        { user_id: 'collector-1' },
        { user_id: 'collector-2', response: { depth: 6, user_id: 'collector-2' } },
      ]);
    });
  });

  test('gives way to a form that has its id, so that no id is listed twice', async () => {
    await openRosa.putForm({ ...WELLS, form_id: 'wells_corrections' });

    expect(await corrections()).toMatchObject([{ formID: 'wells_corrections', name: 'Wells &amp; springs' }]);
  });

  test('leaves out responses whose every flag the collector has acknowledged', async () => {
    const [check] = instanceOf(readDefinition(WELLS), 1).nodes.filter(({ kind }) => kind === 'check');
    const acknowledged = `<${check?.node}>OK</${check?.node}>`;
    await openRosa.submit('uuid:edit', { deprecated: 'uuid:a', answers: ANSWERS + acknowledged });

    expect((await openRosa.history('uuid:a')).at(-1)).toMatchObject({ flags: [{ rule: 'Deep', acknowledged: true }] });
    expect(await corrections()).toEqual([]);
  });

  describe('of a collector with more flagged responses than it takes', () => {
    async function save(kind: string, count: number, formId: string, changes: Partial<Flag> = {}) {
      const flag = { rule: 'Deep', message: 'Too deep.', questions: ['depth'], values: { depth: 150 }, ...changes };
      const responses = Array.from({ length: count }, (_, index) =>
        incoming({
          response_id: `${kind}-${index}`,
          form_id: formId,
          status: 'flagged',
          flags: [flag],
          response: { depth: 150, people: [] },
        }),
      );
      await openRosa.proxy.call('saveResponses', { responses });
    }
    const offered = async (entry: Record<string, string> | undefined) => {
      const csv = await fetchUrl(`${entry?.['downloadUrl']?.replace('.xml', '')}/media/flagged.csv`);
      return [...csv.text.matchAll(/^"([a-z]+-\d+)"/gm)].map(([, id]) => id);
    };

    test('offers the 300 earliest arrivals of the responses that it can clear', async () => {
      await correct('uuid:correction', corrected(15));
      await save('acknowledged', 310, 'wells', { acknowledged: true });
      await save('repeat', 310, 'wells', { questions: ['people/age'], entry: '/people/0' });
      await save('photo', 310, 'wells', { rule: 'MissingAttachment', questions: [] });
      await save('open', 310, 'wells');

      const [entry] = await corrections();
      const ids = Array.from({ length: 300 }, (_, index) => `open-${index}`);
      expect(await offered(entry)).toEqual(ids);
      expect((await corrections())[0]).toEqual(entry);
    });

    test('is what the list of forms announced, even for several forms', async () => {
      await correct('uuid:correction', corrected(15));
      await openRosa.putForm({ ...WELLS, form_id: 'springs' });
      await save('well', 200, 'wells');
      await save('spring', 200, 'springs');

      const entries = await corrections();
      expect(entries.map(({ formID = '' }) => formID).toSorted()).toEqual(['springs_corrections', 'wells_corrections']);
      for (const entry of entries) {
        const form = await fetchUrl(entry['downloadUrl']);
        expect(`md5:${hash('md5', form.text)}`).toBe(entry['hash']);
      }
      expect((await Promise.all(entries.map(offered))).flat()).toHaveLength(300);
    });
  });

  test('makes the next revision, and leaves the answers in repeats unchanged', async () => {
    expect(await correct('uuid:correction', corrected(15))).toMatchObject({ status: 201, message: 'Accepted.' });
    expect(await correct('uuid:correction', corrected(15))).toMatchObject({ status: 201 });

    const history = await openRosa.history('uuid:a');
    expect(history).toMatchObject([
      { status: 'flagged' },
      { status: 'accepted', response: { depth: 15, people: [{ age: 7 }], user_id: 'collector-1' } },
    ]);
    expect(history).toHaveLength(2);
  });

  test('is kept as a late revision if the answers have changed meanwhile', async () => {
    await openRosa.submit('uuid:edit', { deprecated: 'uuid:a', answers: ANSWERS.replace('150', '200') });

    const reply = await correct('uuid:correction', corrected(15));

    expect(reply).toMatchObject({ status: 201, message: expect.stringContaining('beside the stored answers') });
    expect((await openRosa.history('uuid:a')).at(-1)).toMatchObject({ revision: 2, response: { depth: 200 } });
    const { items } = await openRosa.proxy.call('listLateRevisions', { response_id: 'uuid:a' });
    expect(items).toMatchObject([{ response: { depth: 15 } }]);
  });

  test('of another collector’s response is refused with 403', async () => {
    const other = await openRosa.makeToken('device', 'collector-2');
    expect((await correct('uuid:correction', corrected(15), other)).status).toBe(403);
    expect(await openRosa.history('uuid:a')).toHaveLength(1);
  });

  test('waits for the database during an outage', async () => {
    openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect((await correct('uuid:correction', corrected(15))).status).toBe(202);
    openRosa.proxy.failWith = undefined;
    await openRosa.work();

    expect((await openRosa.history('uuid:a')).at(-1)).toMatchObject({ revision: 2, response: { depth: 15 } });
    expect(openRosa.files.keys('pending/')).toEqual([]);
  });

  test('without a chosen response is kept as a response of the form, with flags', async () => {
    const answers = corrected(15).replace('uuid:a', '');
    expect((await correct('uuid:none', answers)).status).toBe(201);
    expect(await openRosa.history('uuid:none')).toMatchObject([{ form_id: 'wells', status: 'flagged' }]);
    expect(await openRosa.history('uuid:a')).toHaveLength(1);
  });

  test('of an erased response gets 410', async () => {
    await openRosa.proxy.call('eraseResponse', { response_id: 'uuid:a' });
    expect((await correct('uuid:correction', corrected(15))).status).toBe(410);
  });
});
