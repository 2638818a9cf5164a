import { Door } from '../../tests/support/door.ts';
import { eraseFiles } from '../shared/erase-files.ts';

const HOUR_MS = 3_600_000;
const WELLS = { form_id: 'wells', title: 'Wells', questions: [{ name: 'depth', type: 'decimal' }] };
const EARLY = { deprecated: 'uuid:original', answers: '<depth>15</depth>' };

let door: Door;
beforeEach(async () => {
  door = await Door.start('sqlite');
  door.files.now = () => door.time;
  await door.putForm(WELLS);
});
afterEach(() => door.stop());

async function workAfter(hours: number): Promise<void> {
  door.time += hours * HOUR_MS;
  await door.work();
}

const depths = async (id: string) => (await door.history(id)).map(({ response }) => response['depth']);

describe('a correction whose original does not come', () => {
  beforeEach(async () => {
    await door.submit('uuid:early', { ...EARLY, files: { 'a.jpg': 'photo' } });
  });

  test('becomes a response of its own after a day, with a flag', async () => {
    await workAfter(23);
    expect(await door.history('uuid:early')).toEqual([]);

    await workAfter(2);

    const message = 'This corrects uuid:original, which has not arrived. It is a response of its own.';
    expect(await door.history('uuid:early')).toMatchObject([
      { user_id: 'collector-1', response: { depth: 15 }, flags: [{ rule: 'DoesNotFit', message }] },
    ]);
    expect(await door.proxy.call('listAttachments', { response_id: 'uuid:early' })).toMatchObject({
      items: [{ name: 'a.jpg' }],
    });
    expect(door.files.keys('waiting/')).toEqual([]);
    expect(await door.submit('uuid:early', EARLY)).toMatchObject({ status: 201 });
    expect(await depths('uuid:early')).toEqual([15]);
  });

  test('stays a response of its own when the original comes later', async () => {
    await workAfter(25);

    await door.submit('uuid:original', { answers: '<depth>150</depth>' });
    await workAfter(1);

    expect(await depths('uuid:original')).toEqual([150]);
    expect(await depths('uuid:early')).toEqual([15]);
  });

  test('has its own corrections as revisions', async () => {
    await door.submit('uuid:next', { deprecated: 'uuid:early', answers: '<depth>16</depth>' });

    await workAfter(24.5);
    await door.work();

    expect(await depths('uuid:early')).toEqual([15, 16]);
  });

  test('can be erased like every response', async () => {
    await workAfter(25);
    await door.proxy.call('eraseResponse', { response_id: 'uuid:early' });
    await eraseFiles(door.files, 'uuid:early');

    expect(door.files.keys('responses/')).toEqual([]);
    expect(await Promise.all(door.files.keys().map((key) => door.files.get(key)))).not.toContainEqual(
      expect.stringContaining('<depth>15'),
    );
    expect(await door.submit('uuid:early', EARLY)).toMatchObject({ status: 410 });
  });

  test('goes when its original was erased', async () => {
    door.files.failing = (request) => request.startsWith('LIST waiting/');
    await door.submit('uuid:original');
    door.files.failing = () => false;
    await door.proxy.call('eraseResponse', { response_id: 'uuid:original' });
    await eraseFiles(door.files, 'uuid:original');

    await door.work();

    expect(door.files.keys('responses/')).toEqual([]);
    expect(door.files.keys('waiting/')).toEqual([]);
    expect(await door.submit('uuid:early', EARLY)).toMatchObject({ status: 410 });
  });
});

test('two submissions that correct each other become responses after a day', async () => {
  await door.submit('uuid:a', { deprecated: 'uuid:b', answers: '<depth>1</depth>' });
  await door.submit('uuid:b', { deprecated: 'uuid:a', answers: '<depth>2</depth>' });

  await workAfter(26);
  await door.work();

  expect(new Set([...(await depths('uuid:a')), ...(await depths('uuid:b'))])).toEqual(new Set([1, 2]));
  expect(door.files.keys('waiting/')).toEqual([]);
});

describe('submissions that cannot be saved', () => {
  beforeEach(async () => {
    door.proxy.refusing = (operation) => operation === 'saveResponses';
    await door.submit('uuid:one');
    await door.submit('uuid:two');
  });

  test('are counted, with the age of the oldest', async () => {
    await workAfter(2);
    await door.submit('uuid:one');
    await workAfter(1);

    expect(door.metrics).toMatchObject([
      { PendingSubmissions: 2, PendingSubmissionAge: 7_200 },
      { PendingSubmissions: 2, PendingSubmissionAge: 10_800 },
    ]);
    door.proxy.refusing = () => false;
    await door.work();
    await door.work();
    expect(door.metrics.at(-1)).toEqual({ PendingSubmissions: 0, PendingSubmissionAge: 0 });
  });

  test('do not delay the others, even if a request to the bucket takes long', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const [blocked = ''] = door.files.keys('pending/');
    door.files.before = (request) => (request === `GET ${blocked}` ? promise : Promise.resolve());
    door.proxy.refusing = () => false;

    const run = door.work();
    while (door.files.keys('pending/').length > 1) await new Promise(setImmediate);
    resolve();
    await run;

    expect(door.files.keys('pending/')).toEqual([]);
  });

  test('keep a file that comes while they are saved', async () => {
    door.proxy.refusing = () => false;
    let hasCome = false;
    door.files.before = async (request) => {
      if (hasCome || !request.startsWith('DELETE pending/')) return;
      hasCome = true;
      door.proxy.refusing = (operation) => operation === 'saveResponses';
      await door.submit('uuid:one', { files: { 'a.jpg': 'photo' } });
      await door.submit('uuid:two', { files: { 'a.jpg': 'photo' } });
      door.proxy.refusing = () => false;
    };

    await door.work();
    await door.work();

    for (const id of ['uuid:one', 'uuid:two']) {
      expect(await door.proxy.call('listAttachments', { response_id: id })).toMatchObject({
        items: [{ name: 'a.jpg' }],
      });
    }
    expect(door.files.keys('pending/')).toEqual([]);
  });
});
