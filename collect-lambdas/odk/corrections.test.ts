import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { OpenRosa } from '../../tests/support/openrosa.ts';
import { runs } from '../../tests/support/thorough.ts';
import type { Result } from '../../db-proxy-lambda/contract.ts';
import { hashOf } from '../shared/xform-files.ts';

const WELLS = {
  form_id: 'wells',
  title: 'Wells',
  questions: [
    { name: 'depth', type: 'decimal', required: false },
    { name: 'photo', type: 'image', required: false },
  ],
  rules: [
    {
      name: 'Deep',
      message: 'The well is {depth} m deep. Is that right?',
      conditions: { fact: 'depth', operator: 'lessThanInclusive', value: 100 },
    },
  ],
};

let openRosa: OpenRosa;
beforeAll(async () => {
  openRosa = await OpenRosa.start('sqlite');
  await openRosa.putForm(WELLS);
});
beforeEach(() => {
  openRosa.proxy.failWith = undefined;
  openRosa.proxy.refusing = () => false;
  openRosa.files.before = () => Promise.resolve();
  openRosa.restart();
});
afterAll(() => openRosa.stop());

const newId = (): string => `uuid:${crypto.randomUUID()}`;
const depth = (meters: number): string => `<depth>${meters}</depth>`;
const depths = async (id: string) => (await openRosa.history(id)).map(({ response }) => response['depth']);

function listedFiles(listed: Result<'listAttachments'>) {
  if (listed.outcome !== 'found') throw new Error(listed.outcome);
  return listed;
}

test('a correction is the next revision, and clears the flag', async () => {
  const [id, correction] = [newId(), newId()];
  await openRosa.submit(id, { answers: depth(150) });

  const reply = await openRosa.submit(correction, { answers: depth(15), deprecated: id });

  expect(reply).toMatchObject({ status: 201, message: 'Accepted.' });
  expect(await openRosa.history(id)).toMatchObject([
    { status: 'flagged', response: { depth: 150 } },
    { status: 'accepted', response: { depth: 15, response_id: id } },
  ]);
});

test('a correction that comes before its original waits, and counts once the original comes', async () => {
  const [id, correction] = [newId(), newId()];

  const early = await openRosa.submit(correction, {
    answers: '<depth>15</depth><photo>a.jpg</photo>',
    deprecated: id,
    files: { 'a.jpg': 'photo' },
  });
  expect(early).toMatchObject({ status: 202, message: expect.stringContaining('has not arrived yet') });
  expect(await openRosa.history(id)).toEqual([]);
  expect(await openRosa.submit(id, { answers: depth(150) })).toMatchObject({ status: 201 });

  expect(await depths(id)).toEqual([150, 15]);
  expect(openRosa.files.keys('waiting/')).toEqual([]);
  expect(await openRosa.history(correction)).toEqual([]);
});

test('a correction that was left waiting is linked by the worker', async () => {
  const [id, correction] = [newId(), newId()];
  await openRosa.submit(correction, { answers: depth(15), deprecated: id });
  openRosa.files.failing = (request) => request.startsWith('LIST waiting/');
  await openRosa.submit(id, { answers: depth(150) });
  expect(await depths(id)).toEqual([150]);
  openRosa.files.failing = () => false;

  await openRosa.work();

  expect(await depths(id)).toEqual([150, 15]);
  expect(openRosa.files.keys('waiting/')).toEqual([]);
});

test('another collector’s correction is never linked: it becomes a response of its own, with a flag', async () => {
  const [id, correction] = [newId(), newId()];
  const other = await openRosa.makeToken('device', 'collector-2');
  await openRosa.submit(correction, { answers: depth(15), deprecated: id, token: other });

  await openRosa.submit(id, { answers: depth(150) });
  await openRosa.work();

  expect(await depths(id)).toEqual([150]);
  expect(await openRosa.history(correction)).toMatchObject([
    {
      user_id: 'collector-2',
      response: { depth: 15 },
      flags: [{ rule: 'DoesNotFit', message: expect.stringContaining('belongs to another collector') }],
    },
  ]);
  expect(openRosa.files.keys('waiting/')).toEqual([]);
  const again = await openRosa.submit(correction, { answers: depth(15), deprecated: id, token: other });
  expect(again).toMatchObject({ status: 201, message: expect.stringContaining('belongs to another collector') });
});

describe('a correction of a response that was sent as JSON', () => {
  async function saveAsJson(responseId: string, userId = 'collector-1'): Promise<void> {
    const time = '2026-10-15T23:59:59.999+03:00';
    const response = {
      response_id: responseId,
      response_family_id: 'family',
      user_id: userId,
      username: 'Ada',
      location: 'x',
      submitted_time: time,
      synced_time: time,
      last_modified_time: time,
      depth: 150,
    };
    await openRosa.proxy.call('saveResponses', {
      responses: [
        {
          response_id: responseId,
          form_id: 'wells',
          form_version: 1,
          user_id: userId,
          status: 'accepted',
          last_modified: '2026-10-15T20:59:59.999000000Z',
          last_modified_time: time,
          content_hash: createHash('sha256').update(responseId).digest('hex'),
          flags: [],
          response,
        },
      ],
    });
  }

  test('is its next revision', async () => {
    const id = newId();
    await saveAsJson(id);

    expect(await openRosa.submit(newId(), { answers: depth(15), deprecated: id })).toMatchObject({ status: 201 });

    expect(await depths(id)).toEqual([150, 15]);
    expect((await openRosa.history(id)).at(-1)?.response).toMatchObject({ response_family_id: 'family' });
  });

  test('is refused if it is another collector’s', async () => {
    const id = newId();
    await saveAsJson(id, 'collector-3');

    expect(await openRosa.submit(newId(), { answers: depth(15), deprecated: id })).toMatchObject({ status: 403 });
  });

  test('waits during an outage of the database', async () => {
    const id = newId();
    await saveAsJson(id);
    await openRosa.submit(newId());
    openRosa.proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect(await openRosa.submit(newId(), { answers: depth(15), deprecated: id })).toMatchObject({ status: 202 });
    openRosa.proxy.failWith = undefined;

    await openRosa.work();

    expect(await depths(id)).toEqual([150, 15]);
  });
});

test('a file that comes while the correction is linked is kept', async () => {
  const [id, correction] = [newId(), newId()];
  const sent = { answers: '<depth>15</depth><photo>a.jpg</photo>', deprecated: id };
  await openRosa.submit(correction, sent);
  let hasCome = false;
  openRosa.files.before = async (request) => {
    // The second request of the correction has read that it waits, and stores its file.
    if (hasCome || !/^PUT responses\/.*\/files\//.test(request)) return;
    hasCome = true;
    await openRosa.submit(id, { answers: depth(150) });
  };

  expect(await openRosa.submit(correction, { ...sent, files: { 'a.jpg': 'photo' } })).toMatchObject({ status: 201 });
  openRosa.files.before = () => Promise.resolve();

  const { items } = listedFiles(await openRosa.proxy.call('listAttachments', { response_id: id }));
  expect(items).toMatchObject([{ name: 'a.jpg' }]);
  expect(await openRosa.files.getBytes(items[0]?.object_key ?? '')).toBeDefined();
  expect((await openRosa.history(id)).at(-1)).toMatchObject({ status: 'accepted', response: { depth: 15 } });
  expect(openRosa.files.keys('waiting/')).toEqual([]);
  const kept = openRosa.files.keys('responses/').filter((key) => key.includes(hashOf(correction)));
  expect(kept.filter((key) => !key.includes('/submissions/'))).toEqual([]);
});

test('the same correction from two phones at the same time is stored once, for the first', async () => {
  const [id, correction] = [newId(), newId()];
  const other = await openRosa.makeToken('device', 'collector-2');
  const sent = { answers: depth(15), deprecated: id };
  let hasCome = false;
  openRosa.files.before = async (request) => {
    if (hasCome || !request.startsWith('PUT instances/')) return;
    hasCome = true;
    expect(await openRosa.submit(correction, sent)).toMatchObject({ status: 202 });
  };

  expect(await openRosa.submit(correction, { ...sent, token: other })).toMatchObject({ status: 403 });
  openRosa.files.before = () => Promise.resolve();

  expect(await openRosa.submit(correction, sent)).toMatchObject({ status: 202 });
  await openRosa.submit(id, { answers: depth(150) });
  expect(await depths(id)).toEqual([150, 15]);
});

test.each([1, 2, 3, 4])(
  'an original that is sent twice at the same time, after its correction, is one revision, whenever the second request comes (%d)',
  async (at) => {
    const [id, correction] = [newId(), newId()];
    await openRosa.submit(correction, { answers: depth(15), deprecated: id });
    let requests = 0;
    openRosa.files.before = async (request) => {
      if (request.includes('instances/')) requests += 1;
      if (requests !== at) return;
      openRosa.files.before = () => Promise.resolve();
      // As if a write had arrived but its reply was lost: the next write finds a changed object.
      await openRosa.submit(id, { answers: depth(150) });
    };

    expect(await openRosa.submit(id, { answers: depth(150) })).toMatchObject({ status: 201 });

    expect(await depths(id)).toEqual([150, 15]);
    expect(await openRosa.proxy.call('listLateRevisions', { response_id: id })).toMatchObject({ items: [] });
  },
);

test('a correction that comes while its original is claimed and not saved is the revision after it', async () => {
  const [id, correction] = [newId(), newId()];
  openRosa.proxy.refusing = (operation) => operation === 'saveResponses';
  await openRosa.submit(id, { answers: depth(150) });
  openRosa.proxy.refusing = () => false;

  await openRosa.submit(correction, { answers: depth(15), deprecated: id });
  await openRosa.work();

  expect(await depths(id)).toEqual([150, 15]);
});

test('a correction by the corrections form of a response that is not stored is a response of its own, with a flag', async () => {
  const [id, unknown] = [newId(), newId()];
  const answers = `<correction><response_id>${unknown}</response_id><revision>1</revision><form_version>1</form_version></correction>${depth(15)}`;

  for (const time of ['first', 'again']) {
    expect([time, (await openRosa.submit(id, { form: 'wells_corrections', answers })).status]).toEqual([time, 201]);
  }

  expect(await openRosa.history(unknown)).toEqual([]);
  const [stored, ...others] = await openRosa.history(id);
  expect(others).toEqual([]);
  expect(stored).toMatchObject({ response: { depth: 15 } });
  expect(stored?.flags.map(({ message }) => message).join()).toContain(
    `This corrects ${unknown}, which has not arrived.`,
  );
});

test('corrections from two phones are both kept; the last to arrive counts', async () => {
  const [id, first, second] = [newId(), newId(), newId()];
  await openRosa.submit(id, { answers: depth(150) });
  await openRosa.submit(first, { answers: depth(15), deprecated: id });
  await openRosa.submit(second, { answers: depth(16), deprecated: id });

  expect(await depths(id)).toEqual([150, 15, 16]);
});

/** The requests of a phone: an original, its correction and the correction of that, with retries, in any order. */
const sends = fc.shuffledSubarray(['a', 'b', 'c', 'a', 'b', 'c', 'b', 'c'] as const, { minLength: 8 });

test('a chain of corrections has the same revisions in any order, with retries', async () => {
  await fc.assert(
    fc.asyncProperty(sends, fc.boolean(), async (order, isOutage) => {
      const ids = { a: newId(), b: newId(), c: newId() };
      const instances = {
        a: { answers: depth(150) },
        b: { answers: depth(15), deprecated: ids.a },
        c: { answers: depth(16), deprecated: ids.b },
      };
      for (const [index, each] of order.entries()) {
        openRosa.proxy.failWith = isOutage && index === 3 ? 'DATABASE_UNAVAILABLE' : undefined;
        expect([201, 202]).toContain((await openRosa.submit(ids[each], instances[each])).status);
      }
      openRosa.proxy.failWith = undefined;
      await drain();
      await openRosa.work();
      await drain();

      const { items: late } = await openRosa.proxy.call('listLateRevisions', { response_id: ids.a });
      const all = [...(await depths(ids.a)), ...late.map(({ response }) => response['depth'])];
      expect(new Set(all)).toEqual(new Set([150, 15, 16]));
      expect(all).toHaveLength(3);
      expect((await depths(ids.a)).at(-1)).toBe(16);
      expect(openRosa.files.keys('waiting/')).toEqual([]);
    }),
    runs(40),
  );
});

/** Saves what is in the write queue. */
async function drain(): Promise<void> {
  for (const { body } of openRosa.queue.messages.splice(0)) {
    const { input } = JSON.parse(body);
    await openRosa.proxy.call('saveResponses', input);
  }
}
