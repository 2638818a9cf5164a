import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { Door } from '../../tests/support/door.ts';
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

let door: Door;
beforeAll(async () => {
  door = await Door.start('sqlite');
  await door.putForm(WELLS);
});
beforeEach(() => {
  door.proxy.failWith = undefined;
  door.proxy.refusing = () => false;
  door.files.before = () => Promise.resolve();
  door.restart();
});
afterAll(() => door.stop());

const newId = (): string => `uuid:${crypto.randomUUID()}`;
const depth = (meters: number): string => `<depth>${meters}</depth>`;
const depths = async (id: string) => (await door.history(id)).map(({ response }) => response['depth']);

function listedFiles(listed: Result<'listAttachments'>) {
  if (listed.outcome !== 'found') throw new Error(listed.outcome);
  return listed;
}

test('a correction is the next revision, and clears the flag', async () => {
  const [id, correction] = [newId(), newId()];
  await door.submit(id, { answers: depth(150) });

  const reply = await door.submit(correction, { answers: depth(15), deprecated: id });

  expect(reply).toMatchObject({ status: 201, message: 'Accepted.' });
  expect(await door.history(id)).toMatchObject([
    { status: 'flagged', response: { depth: 150 } },
    { status: 'accepted', response: { depth: 15, response_id: id } },
  ]);
});

test('a correction that comes before its original waits, and counts when that comes', async () => {
  const [id, correction] = [newId(), newId()];

  const early = await door.submit(correction, {
    answers: '<depth>15</depth><photo>a.jpg</photo>',
    deprecated: id,
    files: { 'a.jpg': 'photo' },
  });
  expect(early).toMatchObject({ status: 202, message: expect.stringContaining('has not arrived yet') });
  expect(await door.history(id)).toEqual([]);
  expect(await door.submit(id, { answers: depth(150) })).toMatchObject({ status: 201 });

  expect(await depths(id)).toEqual([150, 15]);
  expect(door.files.keys('waiting/')).toEqual([]);
  expect(await door.history(correction)).toEqual([]);
});

test('a correction that was left waiting is linked by the worker', async () => {
  const [id, correction] = [newId(), newId()];
  await door.submit(correction, { answers: depth(15), deprecated: id });
  door.files.failing = (request) => request.startsWith('LIST waiting/');
  await door.submit(id, { answers: depth(150) });
  expect(await depths(id)).toEqual([150]);
  door.files.failing = () => false;

  await door.work();

  expect(await depths(id)).toEqual([150, 15]);
  expect(door.files.keys('waiting/')).toEqual([]);
});

test('another collector’s correction is never linked: it becomes a response of its own, with a flag', async () => {
  const [id, correction] = [newId(), newId()];
  const other = await door.makeToken('device', 'collector-2');
  await door.submit(correction, { answers: depth(15), deprecated: id, token: other });

  await door.submit(id, { answers: depth(150) });
  await door.work();

  expect(await depths(id)).toEqual([150]);
  expect(await door.history(correction)).toMatchObject([
    {
      user_id: 'collector-2',
      response: { depth: 15 },
      flags: [{ rule: 'DoesNotFit', message: expect.stringContaining('belongs to another collector') }],
    },
  ]);
  expect(door.files.keys('waiting/')).toEqual([]);
  const again = await door.submit(correction, { answers: depth(15), deprecated: id, token: other });
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
    await door.proxy.call('saveResponses', {
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

    expect(await door.submit(newId(), { answers: depth(15), deprecated: id })).toMatchObject({ status: 201 });

    expect(await depths(id)).toEqual([150, 15]);
    expect((await door.history(id)).at(-1)?.response).toMatchObject({ response_family_id: 'family' });
  });

  test('is refused if it is another collector’s', async () => {
    const id = newId();
    await saveAsJson(id, 'collector-3');

    expect(await door.submit(newId(), { answers: depth(15), deprecated: id })).toMatchObject({ status: 403 });
  });

  test('waits during an outage of the database', async () => {
    const id = newId();
    await saveAsJson(id);
    await door.submit(newId());
    door.proxy.failWith = 'DATABASE_UNAVAILABLE';
    expect(await door.submit(newId(), { answers: depth(15), deprecated: id })).toMatchObject({ status: 202 });
    door.proxy.failWith = undefined;

    await door.work();

    expect(await depths(id)).toEqual([150, 15]);
  });
});

test('a file that comes while the correction is linked is kept', async () => {
  const [id, correction] = [newId(), newId()];
  const sent = { answers: '<depth>15</depth><photo>a.jpg</photo>', deprecated: id };
  await door.submit(correction, sent);
  let hasCome = false;
  door.files.before = async (request) => {
    // The second request of the correction has read that it waits, and stores its file.
    if (hasCome || !/^PUT responses\/.*\/files\//.test(request)) return;
    hasCome = true;
    await door.submit(id, { answers: depth(150) });
  };

  expect(await door.submit(correction, { ...sent, files: { 'a.jpg': 'photo' } })).toMatchObject({ status: 201 });
  door.files.before = () => Promise.resolve();

  const { items } = listedFiles(await door.proxy.call('listAttachments', { response_id: id }));
  expect(items).toMatchObject([{ name: 'a.jpg' }]);
  expect(await door.files.getBytes(items[0]?.object_key ?? '')).toBeDefined();
  expect((await door.history(id)).at(-1)).toMatchObject({ status: 'accepted', response: { depth: 15 } });
  expect(door.files.keys('waiting/')).toEqual([]);
  const kept = door.files.keys('responses/').filter((key) => key.includes(hashOf(correction)));
  expect(kept.filter((key) => !key.includes('/submissions/'))).toEqual([]);
});

test('the same correction from two phones at the same time is stored once, for the first', async () => {
  const [id, correction] = [newId(), newId()];
  const other = await door.makeToken('device', 'collector-2');
  const sent = { answers: depth(15), deprecated: id };
  let hasCome = false;
  door.files.before = async (request) => {
    if (hasCome || !request.startsWith('PUT instances/')) return;
    hasCome = true;
    expect(await door.submit(correction, sent)).toMatchObject({ status: 202 });
  };

  expect(await door.submit(correction, { ...sent, token: other })).toMatchObject({ status: 403 });
  door.files.before = () => Promise.resolve();

  expect(await door.submit(correction, sent)).toMatchObject({ status: 202 });
  await door.submit(id, { answers: depth(150) });
  expect(await depths(id)).toEqual([150, 15]);
});

test.each([1, 2, 3, 4])(
  'an original that comes twice at once, after its correction, is one revision, whenever the second request comes (%d)',
  async (at) => {
    const [id, correction] = [newId(), newId()];
    await door.submit(correction, { answers: depth(15), deprecated: id });
    let requests = 0;
    door.files.before = async (request) => {
      if (request.includes('instances/')) requests += 1;
      if (requests !== at) return;
      door.files.before = () => Promise.resolve();
      // Like a write that arrived, and whose reply was lost: for the one after it, the object has changed.
      await door.submit(id, { answers: depth(150) });
    };

    expect(await door.submit(id, { answers: depth(150) })).toMatchObject({ status: 201 });

    expect(await depths(id)).toEqual([150, 15]);
    expect(await door.proxy.call('listLateRevisions', { response_id: id })).toMatchObject({ items: [] });
  },
);

test('a correction that comes while its original is claimed and not saved is the revision after it', async () => {
  const [id, correction] = [newId(), newId()];
  door.proxy.refusing = (operation) => operation === 'saveResponses';
  await door.submit(id, { answers: depth(150) });
  door.proxy.refusing = () => false;

  await door.submit(correction, { answers: depth(15), deprecated: id });
  await door.work();

  expect(await depths(id)).toEqual([150, 15]);
});

test('a correction by the corrections form of a response that is not stored is a response of its own, with a flag', async () => {
  const [id, unknown] = [newId(), newId()];
  const answers = `<correction><response_id>${unknown}</response_id><revision>1</revision><form_version>1</form_version></correction>${depth(15)}`;

  for (const time of ['first', 'again']) {
    expect([time, (await door.submit(id, { form: 'wells_corrections', answers })).status]).toEqual([time, 201]);
  }

  expect(await door.history(unknown)).toEqual([]);
  const [stored, ...others] = await door.history(id);
  expect(others).toEqual([]);
  expect(stored).toMatchObject({ response: { depth: 15 } });
  expect(stored?.flags.map(({ message }) => message).join()).toContain(
    `This corrects ${unknown}, which has not arrived.`,
  );
});

test('corrections from two phones are both kept; the one that comes last counts', async () => {
  const [id, first, second] = [newId(), newId(), newId()];
  await door.submit(id, { answers: depth(150) });
  await door.submit(first, { answers: depth(15), deprecated: id });
  await door.submit(second, { answers: depth(16), deprecated: id });

  expect(await depths(id)).toEqual([150, 15, 16]);
});

/** What a phone sends: an original and two corrections, one after the other, with retries, in any order. */
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
        door.proxy.failWith = isOutage && index === 3 ? 'DATABASE_UNAVAILABLE' : undefined;
        expect([201, 202]).toContain((await door.submit(ids[each], instances[each])).status);
      }
      door.proxy.failWith = undefined;
      await drain();
      await door.work();
      await drain();

      const { items: late } = await door.proxy.call('listLateRevisions', { response_id: ids.a });
      const all = [...(await depths(ids.a)), ...late.map(({ response }) => response['depth'])];
      expect(new Set(all)).toEqual(new Set([150, 15, 16]));
      expect(all).toHaveLength(3);
      expect((await depths(ids.a)).at(-1)).toBe(16);
      expect(door.files.keys('waiting/')).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

/** Saves what is in the write queue. */
async function drain(): Promise<void> {
  for (const { body } of door.queue.messages.splice(0)) {
    const { input } = JSON.parse(body);
    await door.proxy.call('saveResponses', input);
  }
}
