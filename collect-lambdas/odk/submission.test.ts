import { databaseKinds } from '../../tests/support/databases.ts';
import { OpenRosa, instanceXml } from '../../tests/support/openrosa.ts';
import { eraseFiles } from '../shared/erase-files.ts';
import { formOfXformKey, xformVersionKey } from '../shared/xform-files.ts';

const PHOTO = Buffer.from('\xff\xd8\xff photo', 'latin1');

const WELLS = {
  form_id: 'wells',
  title: 'Wells',
  questions: [
    { name: 'depth', type: 'decimal', places: 2, max: 500, required: false },
    { name: 'liters', type: 'decimal', required: false },
    { name: 'photo', type: 'image', required: false },
    { name: 'place', type: 'geopoint', required: false },
    { name: 'people', type: 'repeat', questions: [{ name: 'age', type: 'integer' }] },
  ],
  rules: [
    {
      name: 'Deep',
      message: 'The well is {depth} m deep. Is that right?',
      conditions: { fact: 'depth', operator: 'lessThanInclusive', value: 100 },
    },
  ],
};

let count = 0;
const newId = (): string => `uuid:${(count += 1)}-${crypto.randomUUID()}`;

describe.each(databaseKinds)('a submission on %s', (kind) => {
  let openRosa: OpenRosa;
  beforeAll(async () => {
    openRosa = await OpenRosa.start(kind);
    await openRosa.putForm(WELLS);
  });
  beforeEach(() => {
    openRosa.proxy.failWith = undefined;
    openRosa.proxy.refusing = () => false;
    openRosa.files.failing = () => false;
    openRosa.queue.messages.length = 0;
    openRosa.queue.refuses = false;
    openRosa.restart();
  });
  afterAll(() => openRosa.stop());

  async function fileNames(responseId: string): Promise<string[]> {
    const found = await openRosa.proxy.call('listAttachments', { response_id: responseId });
    return found.outcome === 'found' ? found.items.map(({ name }) => name) : [];
  }

  test('becomes a response of the collector to whom the token belongs', async () => {
    const id = newId();

    const reply = await openRosa.submit(id, {
      answers:
        '<phone><end>2026-10-15T10:00:00.000+03:00</end><username>Ada</username></phone><depth>1.25E1</depth><place>-1.5 36.8 0 0</place><people><age>5.0</age></people>',
    });

    expect(reply).toMatchObject({ status: 201, message: 'Accepted.' });
    expect(reply.headers).toMatchObject({
      'content-type': 'text/xml; charset=utf-8',
      'x-openrosa-version': '1.0',
      date: expect.stringMatching(/GMT$/),
    });
    const [stored, ...others] = await openRosa.history(id);
    expect(others).toEqual([]);
    expect(stored).toMatchObject({ form_id: 'wells', form_version: 1, status: 'accepted', user_id: 'collector-1' });
    expect(stored?.response).toMatchObject({
      response_id: id,
      response_family_id: id,
      user_id: 'collector-1',
      username: 'Ada',
      location: '-1.5, 36.8',
      submitted_time: '2026-10-15T10:00:00.000+03:00',
      depth: 12.5,
      people: [{ age: 5 }],
    });
  });

  test('changes nothing when it is sent again', async () => {
    const id = newId();
    await openRosa.submit(id);
    const before = await openRosa.history(id);
    openRosa.restart();

    expect(await openRosa.submit(id)).toMatchObject({ status: 201, message: 'Accepted.' });
    expect(await openRosa.history(id)).toEqual(before);
  });

  test('is refused with 409 if another submission has its id', async () => {
    const id = newId();
    await openRosa.submit(id);
    const keys = openRosa.files.keys();

    const reply = await openRosa.submit(id, { answers: '<depth>1</depth>' });

    expect(reply).toMatchObject({ status: 409, message: expect.stringContaining('edit the sent form') });
    expect(await openRosa.history(id)).toHaveLength(1);
    expect(openRosa.files.keys()).toEqual(keys);
  });

  test('is refused with 403 if it is another collector’s, and that collector’s stays', async () => {
    const id = newId();
    await openRosa.submit(id);
    const other = await openRosa.makeToken('device', 'collector-2');
    const keys = openRosa.files.keys();

    expect(await openRosa.submit(id, { token: other })).toMatchObject({ status: 403 });
    expect(await openRosa.submit(newId(), { token: other, deprecated: id })).toMatchObject({ status: 403 });
    expect(openRosa.files.keys()).toEqual(keys);
    expect(await openRosa.submit(id)).toMatchObject({ status: 201 });
  });

  test('gets the reason of each flag in its message', async () => {
    const reply = await openRosa.submit(newId(), { answers: '<depth>150.5</depth><people><age>old</age></people>' });

    expect(reply.status).toBe(201);
    expect(reply.message?.split('&#10;')).toEqual([
      'Received. Please check, and correct what is wrong:',
      'The well is 150.5 m deep. Is that right?',
      'people/age: enter a whole number with at most 15 digits. (people 1)',
    ]);
  });

  test('is stored and flagged if it does not fit the form', async () => {
    const id = newId();

    const reply = await openRosa.submit(id, {
      version: '7',
      answers: '<depth>1e9</depth><color>&lt;red&gt;</color><people/>',
    });

    expect(reply.status).toBe(201);
    const [stored] = await openRosa.history(id);
    expect(stored?.flags).toMatchObject([
      { rule: 'DoesNotFit', message: expect.stringContaining('no version "7"') },
      { rule: 'DoesNotFit', questions: ['depth'], values: { depth: 1e9 } },
      { rule: 'DoesNotFit', questions: ['people/age'], entry: '/people/0' },
      { rule: 'DoesNotFit', message: '/color: The form has no such question.', values: { '/color': '<red>' } },
    ]);
  });

  test('has amounts rounded to the places of their questions, and says so', async () => {
    const id = newId();

    const reply = await openRosa.submit(id, { answers: '<depth>0.30000000000000004</depth>' });

    expect(reply.message).toBe('Accepted.&#10;depth: 0.30000000000000004 counts as 0.3.');
    expect((await openRosa.history(id))[0]?.response).toMatchObject({ depth: 0.3 });
  });

  test('is stored and flagged if the collector entered more decimals than the form takes', async () => {
    const id = newId();

    const reply = await openRosa.submit(id, { answers: '<depth>0.12345</depth>' });

    expect(reply.status).toBe(201);
    const [stored] = await openRosa.history(id);
    expect(stored).toMatchObject({
      response: { depth: 0.12 },
      flags: [
        {
          rule: 'DoesNotFit',
          message: 'depth: the form takes at most 2 decimals, so 0.12345 counts as 0.12.',
          questions: ['depth'],
          values: { depth: '0.12345' },
        },
      ],
    });
  });

  test('without an id is one response, however often it is sent', async () => {
    const xml = instanceXml(undefined, { answers: '<depth>77</depth>' });

    await openRosa.post(xml);
    const reply = await openRosa.post(xml);

    expect(reply.status).toBe(201);
    const { items } = await openRosa.proxy.call('listResponses', { form_id: 'wells', limit: 1_000 });
    expect(items.filter(({ response }) => response['depth'] === 77)).toHaveLength(1);
  });

  test('with an id that no response can have is stored under the id’s hash', async () => {
    const reply = await openRosa.submit(`uuid:${'x'.repeat(300)}`, { answers: '<depth>78</depth>' });

    expect(reply.status).toBe(201);
    const { items } = await openRosa.proxy.call('listResponses', { form_id: 'wells', limit: 1_000 });
    const [stored] = items.filter(({ response }) => response['depth'] === 78);
    expect(stored?.response_id).toMatch(/^sha256:[\da-f]{64}$/);
  });

  test('of a closed form is kept, with a flag', async () => {
    await openRosa.putForm({ ...WELLS, form_id: 'closed_wells', state: 'closed' });
    const id = newId();

    const reply = await openRosa.submit(id, { form: 'closed_wells' });

    expect(reply).toMatchObject({ status: 201, message: expect.stringContaining('The form was closed') });
    expect((await openRosa.history(id))[0]?.flags).toMatchObject([{ rule: 'FormClosed' }]);
  });

  test.each([
    ['of an unknown form', instanceXml('uuid:a', { form: 'dams' }), 404, 'There is no form with the id dams here'],
    ['that is not XML', '<data id="wells"><depth>', 400, 'well-formed'],
    ['with a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><data id="wells">&b;</data>', 400, 'DOCTYPE'],
    ['5,000 deep', `<data id="wells">${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}</data>`, 400, '100 deep'],
    ['that is not UTF-8', Buffer.from('<data id="wells">\xff</data>', 'latin1'), 400, 'UTF-8'],
  ])('%s is refused with advice', async (_what, xml, status, advice) => {
    const reply = await openRosa.post(xml);

    expect(reply).toMatchObject({ status, message: expect.stringContaining(advice) });
    expect(reply.headers).toMatchObject({ 'x-openrosa-version': '1.0', 'content-type': 'text/xml; charset=utf-8' });
  });

  test('that is too large is refused with 413 and advice', async () => {
    const reply = await openRosa.submit(newId(), { files: { 'a.jpg': new Uint8Array(4_800_000) } });

    expect(reply).toMatchObject({ status: 413, message: expect.stringContaining('image size') });
  });

  describe('with files', () => {
    test('has them in the bucket before the acknowledgement, with the type that their bytes show', async () => {
      const id = newId();
      const name = 'फोटो "1".jpg';

      const reply = await openRosa.submit(id, { answers: '<photo>फोटो "1".jpg</photo>', files: { [name]: PHOTO } });

      expect(reply.status).toBe(201);
      const [key = ''] = openRosa.files.keys().filter((each) => each.includes('/files/'));
      expect(await openRosa.files.getBytes(key)).toMatchObject({ type: 'image/jpeg', bytes: new Uint8Array(PHOTO) });
    });
  });

  test('with more than 1,000 files is refused with 413 and advice, and nothing of it is stored', async () => {
    const id = newId();
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`${index}.jpg`, `photo ${index % 7}`]));
    const keys = openRosa.files.keys();

    const reply = await openRosa.submit(id, { files: many(1_001) });

    expect(reply).toMatchObject({ status: 413, message: expect.stringContaining('1001 files') });
    expect(openRosa.files.keys()).toEqual(keys);
    expect(await openRosa.submit(id, { files: many(1_000) })).toMatchObject({ status: 201 });
    expect(await fileNames(id)).toHaveLength(1_000);
  });

  test('with a file whose name is too long for an answer is stored', async () => {
    const id = newId();
    const reply = await openRosa.submit(id, { files: { [`${'x'.repeat(300)}.jpg`]: PHOTO } });
    expect(reply).toMatchObject({ status: 201, message: 'Accepted.' });
  });

  describe('during an outage of the database', () => {
    test.each(['a warm environment', 'a cold environment'])('is queued by %s with 202', async (environment) => {
      const id = newId();
      if (environment.includes('warm')) await openRosa.submit(newId());
      openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';

      const reply = await openRosa.submit(id, { answers: '<depth>150</depth>' });

      expect(reply).toMatchObject({ status: 202, message: expect.stringContaining('150 m deep') });
      expect(openRosa.queue.messages).toHaveLength(1);
      expect(openRosa.queue.messages[0]?.body).toContain(id);
    });

    test('is kept for later if its version cannot be looked up or the queue fails too', async () => {
      await openRosa.putForm({ ...WELLS, title: 'Wells and springs' });
      const [id, other] = [newId(), newId()];
      openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';
      for (const key of openRosa.snapshot.keys('forms/wells/').slice(1)) await openRosa.snapshot.remove(key);
      expect(await openRosa.submit(id)).toMatchObject({
        status: 202,
        message: expect.stringContaining('checked later'),
      });
      openRosa.queue.refuses = true;
      expect(await openRosa.submit(other, { version: '2' })).toMatchObject({ status: 202 });
      expect(openRosa.files.keys('pending/')).toHaveLength(2);

      await openRosa.work();
      expect(openRosa.files.keys('pending/')).toHaveLength(2);
      openRosa.proxy.failWith = undefined;
      await openRosa.work();

      expect(openRosa.files.keys('pending/')).toEqual([]);
      expect(await openRosa.history(id)).toMatchObject([{ status: 'accepted', form_version: 1 }]);
      expect(await openRosa.history(other)).toMatchObject([{ status: 'accepted', form_version: 2 }]);
    });

    test('is saved later with the files of all its requests, however many', async () => {
      const [id, answers] = [newId(), '<photo>2-0.jpg</photo>'];
      openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';
      openRosa.queue.refuses = true;
      for (const request of [0, 1, 2]) {
        const names = Array.from({ length: 400 }, (_, index) => [`${request}-${index}.jpg`, 'photo']);
        expect(await openRosa.submit(id, { answers, files: Object.fromEntries(names) })).toMatchObject({ status: 202 });
      }
      openRosa.proxy.failWith = undefined;
      await openRosa.work();

      expect(await fileNames(id)).toHaveLength(1_200);
      expect((await openRosa.history(id)).at(-1)).toMatchObject({ status: 'accepted' });
      expect(openRosa.files.keys('pending/')).toEqual([]);
    });

    test('is not acknowledged if it cannot be kept', async () => {
      openRosa.files.failing = (request) => request.startsWith('PUT instances/');

      expect(await openRosa.submit(newId())).toMatchObject({ status: 503 });
    });
  });

  describe('that cannot be read', () => {
    const isUnreadable = { rule: 'DoesNotFit', message: expect.stringContaining('could not be read') };

    test('because of a bug is stored without answers and flagged; sent again after a repair, it is stored with its answers', async () => {
      const id = newId();
      const key = xformVersionKey('wells', 'v2');
      const sent = { version: 'v2', answers: '<depth>3</depth><photo>a.jpg</photo>' };
      await openRosa.files.put(key, '{"form_version": "one"}');

      const reply = await openRosa.submit(id, sent);
      expect(reply).toMatchObject({ status: 201, message: expect.stringContaining('It is kept whole') });
      expect(openRosa.logger.text).toContain('submission not read');
      expect(openRosa.logger.text).not.toContain(openRosa.token);
      expect((await openRosa.submit(id, sent)).status).toBe(201);
      const [bare, ...others] = await openRosa.history(id);
      expect(others).toEqual([]);
      expect(bare).toMatchObject({ status: 'flagged', user_id: 'collector-1', flags: [isUnreadable] });
      expect(bare?.response).not.toHaveProperty('depth');

      await openRosa.files.put(key, '{"form_version": 1}');
      openRosa.restart();
      await openRosa.submit(id, { ...sent, files: { 'a.jpg': PHOTO } });
      await openRosa.submit(id, sent);

      expect((await openRosa.history(id)).slice(1)).toMatchObject([{ status: 'flagged', response: { depth: 3 } }]);
      expect(openRosa.files.keys('pending/')).toEqual([]);
      await openRosa.files.remove(key);
    });

    test('because the proxy refuses it is stored without answers and flagged', async () => {
      const id = newId();
      openRosa.proxy.refusing = (operation, input) =>
        operation === 'saveResponses' && JSON.stringify(input).includes('"depth":4242');

      expect(await openRosa.submit(id, { answers: '<depth>4242</depth>' })).toMatchObject({ status: 201 });

      expect(await openRosa.history(id)).toMatchObject([{ flags: [isUnreadable] }]);
    });

    test('and corrects a response leaves the answers of that response unchanged, with a flag', async () => {
      const [id, correction] = [newId(), newId()];
      await openRosa.submit(id, { answers: '<depth>5</depth>' });
      openRosa.proxy.refusing = (operation, input) =>
        operation === 'saveResponses' && JSON.stringify(input).includes('"depth":4242');

      for (const time of ['first', 'again']) {
        const sent = { answers: '<depth>4242</depth>', deprecated: id };
        expect([time, (await openRosa.submit(correction, sent)).status]).toEqual([time, 201]);
      }

      expect((await openRosa.history(id)).slice(1)).toMatchObject([
        { response: { depth: 5 }, flags: [{ message: expect.stringContaining(correction) }] },
      ]);
    });

    test('now, but was saved before, changes nothing, even after a later correction', async () => {
      const [id, correction, later] = [newId(), newId(), newId()];
      const sent = { answers: '<depth>4</depth>', deprecated: id };
      await openRosa.submit(id, { answers: '<depth>5</depth>' });
      const sendAgain = async () => {
        let saves = 0;
        openRosa.proxy.refusing = (operation) => operation === 'saveResponses' && (saves += 1) === 1;
        expect(await openRosa.submit(correction, sent)).toMatchObject({ status: 201 });
        openRosa.proxy.refusing = () => false;
      };

      await openRosa.submit(correction, sent);
      await sendAgain();
      await openRosa.submit(later, { answers: '<depth>3</depth>', deprecated: correction });
      await sendAgain();

      expect((await openRosa.history(id)).map(({ response }) => response['depth'])).toEqual([5, 4, 3]);
    });

    test('or stored at all is left to the worker', async () => {
      const id = newId();
      openRosa.proxy.refusing = (operation) => operation === 'saveResponses';

      expect(await openRosa.submit(id)).toMatchObject({ status: 202 });
      openRosa.proxy.refusing = () => false;
      await openRosa.work();

      expect(await openRosa.history(id)).toMatchObject([{ status: 'accepted', response: { depth: 12.5 } }]);
    });
  });

  test('of an unknown version is read again when the form has that version', async () => {
    const id = newId();
    const next = (await openRosa.putForm({ ...WELLS, title: 'Wells of 2026' })) + 1;
    const sent = { version: String(next), answers: '<photo>a.jpg</photo>' };
    await openRosa.submit(id, sent);
    await openRosa.putForm({ ...WELLS, title: 'Wells of November' });
    openRosa.restart();

    await openRosa.submit(id, { ...sent, files: { 'a.jpg': PHOTO } });
    await openRosa.submit(id, sent);

    const [first, second, ...others] = await openRosa.history(id);
    expect(first?.flags).toMatchObject([
      { message: expect.stringContaining('no version') },
      { rule: 'MissingAttachment' },
    ]);
    expect(second).toMatchObject({ status: 'accepted', flags: [], form_version: next });
    expect(others).toEqual([]);
  });

  test('goes to the form to which the id of its XForm belongs now', async () => {
    await openRosa.putForm({ ...WELLS, form_id: 'old_owner' });
    await openRosa.putForm({ ...WELLS, form_id: 'new_owner' });
    const key = formOfXformKey('survey');
    const [first, second] = [newId(), newId()];

    await openRosa.files.put(key, '{"form_id": "old_owner"}');
    await openRosa.submit(first, { form: 'survey' });
    await openRosa.files.put(key, '{"form_id": "new_owner"}');
    openRosa.time += 60_000;
    await openRosa.submit(second, { form: 'survey' });

    expect(await openRosa.history(first)).toMatchObject([{ form_id: 'old_owner' }]);
    expect(await openRosa.history(second)).toMatchObject([{ form_id: 'new_owner' }]);
  });

  test('that begins a response costs one request to the bucket', async () => {
    await openRosa.putForm({ ...WELLS, form_id: 'new_wells' });
    await openRosa.submit(newId(), { form: 'new_wells' });
    openRosa.files.requests.length = 0;
    const id = newId();
    await openRosa.submit(id, { form: 'new_wells' });

    expect(openRosa.files.requests).toHaveLength(1);
    expect(openRosa.files.requests.join()).toMatch(/^PUT instances\//);
    expect(await openRosa.history(id)).toHaveLength(1);
  });

  describe('of an erased response', () => {
    test('gets 410, and nothing of it is stored again', async () => {
      const [id, correction] = [newId(), newId()];
      const answers = '<depth>4711.4711</depth>';
      await openRosa.submit(id, { answers });
      await openRosa.submit(correction, { deprecated: id, answers: '<depth>4711.47</depth>' });
      await openRosa.proxy.call('eraseResponse', { response_id: id });
      await eraseFiles(openRosa.files, id);
      const everything = await Promise.all(openRosa.files.keys().map((key) => openRosa.files.get(key)));
      expect(everything.filter((text) => text?.includes('4711.47'))).toEqual([]);
      const before = openRosa.files.keys();

      expect(await openRosa.submit(id, { answers })).toMatchObject({ status: 410 });
      expect(await openRosa.submit(newId(), { deprecated: id })).toMatchObject({ status: 410 });
      expect(await openRosa.submit(newId(), { deprecated: correction })).toMatchObject({ status: 410 });
      expect(openRosa.files.keys()).toEqual(before);
    });
  });
});
