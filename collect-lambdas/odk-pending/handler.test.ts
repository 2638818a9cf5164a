import { OpenRosa } from '../../tests/support/openrosa.ts';
import { eraseFiles } from '../shared/erase-files.ts';

const HOUR_MS = 3_600_000;
const WELLS = { form_id: 'wells', title: 'Wells', questions: [{ name: 'depth', type: 'decimal' }] };
const EARLY = { deprecated: 'uuid:original', answers: '<depth>15</depth>' };

let openRosa: OpenRosa;
beforeEach(async () => {
  openRosa = await OpenRosa.start('sqlite');
  openRosa.files.now = () => openRosa.time;
  await openRosa.putForm(WELLS);
});
afterEach(() => openRosa.stop());

async function workAfter(hours: number): Promise<void> {
  openRosa.time += hours * HOUR_MS;
  await openRosa.work();
}

const depths = async (id: string) => (await openRosa.history(id)).map(({ response }) => response['depth']);

describe('a correction whose original does not come', () => {
  beforeEach(async () => {
    await openRosa.submit('uuid:early', { ...EARLY, files: { 'a.jpg': 'photo' } });
  });

  test('becomes a response of its own after a day, with a flag', async () => {
    await workAfter(23);
    expect(await openRosa.history('uuid:early')).toEqual([]);

    await workAfter(2);

    const message = 'This corrects uuid:original, which has not arrived. It is a response of its own.';
    expect(await openRosa.history('uuid:early')).toMatchObject([
      { user_id: 'collector-1', response: { depth: 15 }, flags: [{ rule: 'DoesNotFit', message }] },
    ]);
    expect(await openRosa.proxy.call('listAttachments', { response_id: 'uuid:early' })).toMatchObject({
      items: [{ name: 'a.jpg' }],
    });
    expect(openRosa.files.keys('waiting/')).toEqual([]);
    expect(await openRosa.submit('uuid:early', EARLY)).toMatchObject({ status: 201 });
    expect(await depths('uuid:early')).toEqual([15]);
  });

  test('stays a response of its own when the original comes later', async () => {
    await workAfter(25);

    await openRosa.submit('uuid:original', { answers: '<depth>150</depth>' });
    await workAfter(1);

    expect(await depths('uuid:original')).toEqual([150]);
    expect(await depths('uuid:early')).toEqual([15]);
  });

  test('has its own corrections as revisions', async () => {
    await openRosa.submit('uuid:next', { deprecated: 'uuid:early', answers: '<depth>16</depth>' });

    await workAfter(24.5);
    await openRosa.work();

    expect(await depths('uuid:early')).toEqual([15, 16]);
  });

  test('can be erased like every response', async () => {
    await workAfter(25);
    await openRosa.proxy.call('eraseResponse', { response_id: 'uuid:early' });
    await eraseFiles(openRosa.files, 'uuid:early');

    expect(openRosa.files.keys('responses/')).toEqual([]);
    expect(await Promise.all(openRosa.files.keys().map((key) => openRosa.files.get(key)))).not.toContainEqual(
      expect.stringContaining('<depth>15'),
    );
    expect(await openRosa.submit('uuid:early', EARLY)).toMatchObject({ status: 410 });
  });

  test('is erased if its original was erased', async () => {
    openRosa.files.failing = (request) => request.startsWith('LIST waiting/');
    await openRosa.submit('uuid:original');
    openRosa.files.failing = () => false;
    await openRosa.proxy.call('eraseResponse', { response_id: 'uuid:original' });
    await eraseFiles(openRosa.files, 'uuid:original');

    await openRosa.work();

    expect(openRosa.files.keys('responses/')).toEqual([]);
    expect(openRosa.files.keys('waiting/')).toEqual([]);
    expect(await openRosa.submit('uuid:early', EARLY)).toMatchObject({ status: 410 });
  });
});

test('two submissions that correct each other become responses after a day', async () => {
  await openRosa.submit('uuid:a', { deprecated: 'uuid:b', answers: '<depth>1</depth>' });
  await openRosa.submit('uuid:b', { deprecated: 'uuid:a', answers: '<depth>2</depth>' });

  await workAfter(26);
  await openRosa.work();

  expect(new Set([...(await depths('uuid:a')), ...(await depths('uuid:b'))])).toEqual(new Set([1, 2]));
  expect(openRosa.files.keys('waiting/')).toEqual([]);
});

describe('submissions that cannot be saved', () => {
  beforeEach(async () => {
    openRosa.proxy.refusing = (operation) => operation === 'saveResponses';
    await openRosa.submit('uuid:one');
    await openRosa.submit('uuid:two');
  });

  test('are counted, with the age of the oldest', async () => {
    await workAfter(2);
    await openRosa.submit('uuid:one');
    await workAfter(1);

    expect(openRosa.metrics).toMatchObject([
      { PendingSubmissions: 2, PendingSubmissionAge: 7_200 },
      { PendingSubmissions: 2, PendingSubmissionAge: 10_800 },
    ]);
    openRosa.proxy.refusing = () => false;
    await openRosa.work();
    await openRosa.work();
    expect(openRosa.metrics.at(-1)).toEqual({ PendingSubmissions: 0, PendingSubmissionAge: 0 });
  });

  test('do not delay the others, even if a request to the bucket takes long', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const [blocked = ''] = openRosa.files.keys('pending/');
    openRosa.files.before = (request) => (request === `GET ${blocked}` ? promise : Promise.resolve());
    openRosa.proxy.refusing = () => false;

    const run = openRosa.work();
    while (openRosa.files.keys('pending/').length > 1) await new Promise(setImmediate);
    resolve();
    await run;

    expect(openRosa.files.keys('pending/')).toEqual([]);
  });

  test('keep a file that comes while they are saved', async () => {
    openRosa.proxy.refusing = () => false;
    let hasCome = false;
    openRosa.files.before = async (request) => {
      if (hasCome || !request.startsWith('DELETE pending/')) return;
      hasCome = true;
      openRosa.proxy.refusing = (operation) => operation === 'saveResponses';
      await openRosa.submit('uuid:one', { files: { 'a.jpg': 'photo' } });
      await openRosa.submit('uuid:two', { files: { 'a.jpg': 'photo' } });
      openRosa.proxy.refusing = () => false;
    };

    await openRosa.work();
    await openRosa.work();

    for (const id of ['uuid:one', 'uuid:two']) {
      expect(await openRosa.proxy.call('listAttachments', { response_id: id })).toMatchObject({
        items: [{ name: 'a.jpg' }],
      });
    }
    expect(openRosa.files.keys('pending/')).toEqual([]);
  });
});
