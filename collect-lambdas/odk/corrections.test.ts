import * as fc from 'fast-check';
import { Door } from '../../tests/support/door.ts';

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
  door.restart();
});
afterAll(() => door.stop());

const newId = (): string => `uuid:${crypto.randomUUID()}`;
const depth = (meters: number): string => `<depth>${meters}</depth>`;
const depths = async (id: string) => (await door.history(id)).map(({ response }) => response['depth']);

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

test('another collector’s correction is never linked', async () => {
  const [id, correction] = [newId(), newId()];
  const other = await door.makeToken('device', 'collector-2');
  await door.submit(correction, { answers: depth(15), deprecated: id, token: other });

  await door.submit(id, { answers: depth(150) });
  await door.work();

  expect(await depths(id)).toEqual([150]);
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
}, 60_000);

/** Saves what is in the write queue. */
async function drain(): Promise<void> {
  for (const { body } of door.queue.messages.splice(0)) {
    const { input } = JSON.parse(body);
    await door.proxy.call('saveResponses', input);
  }
}
