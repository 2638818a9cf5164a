import { startSheetsServer } from './sheets-server.ts';
import type { SheetsServer } from './sheets-server.ts';
import { connect, refusalOf } from './test-client.ts';
import type { SheetsClient } from './test-client.ts';

describe('A bad day at Google', () => {
  let server: SheetsServer;
  let client: SheetsClient;

  beforeAll(async () => {
    server = await startSheetsServer({ port: 0 });
    client = connect(server);
  });
  afterEach(() => server.faults.clear());
  afterAll(() => server.stop());

  async function read(): Promise<unknown> {
    const range = 'Sheet1!A1:A5';
    const { data } = await client.spreadsheets.values.get({ spreadsheetId: server.defaultSpreadsheetId, range });
    return data.values;
  }

  function write(value: string): Promise<unknown> {
    return client.spreadsheets.values.update({
      spreadsheetId: server.defaultSpreadsheetId,
      range: 'Sheet1!A1',
      valueInputOption: 'RAW',
      requestBody: { values: [[value]] },
    });
  }

  async function statuses(count: number): Promise<(number | undefined)[]> {
    const all: (number | undefined)[] = [];
    for (let index = 0; index < count; index += 1) {
      all.push(
        await read().then(
          () => 200,
          async (error: unknown) => (await refusalOf(Promise.reject(error))).status,
        ),
      );
    }
    return all;
  }

  it('fails every third request, in turn with each status', async () => {
    server.faults.fail({ every: 3, status: [429, 503] });

    expect(await statuses(9)).toEqual([200, 200, 429, 200, 200, 503, 200, 200, 429]);
  });

  it('fails the next requests and no more', async () => {
    server.faults.fail({ next: 2, status: 500 });

    expect(await statuses(4)).toEqual([500, 500, 200, 200]);
    expect(server.faults.active).toEqual([]);
  });

  it('answers 429 in the words of Google, with Retry-After', async () => {
    server.faults.fail({ next: 1, status: 429, retryAfter: 0.05 });

    const refusal = await refusalOf(write('x'));

    expect(refusal).toMatchObject({ status: 429, reason: 'RESOURCE_EXHAUSTED' });
    expect(refusal.message).toContain("limit 'Write requests per minute per user'");
    expect(refusal.headers?.get('retry-after')).toBe('0.05');
  });

  it('drops a connection before the change: nothing is written', async () => {
    await write('before');
    server.faults.fail({ next: 1, drop: 'before', on: 'write' });

    const refusal = await refusalOf(write('after'));

    expect(refusal.status).toBeUndefined();
    expect(await read()).toEqual([['before']]);
    expect(server.requests.at(-2)).toMatchObject({ method: 'PUT', status: 0 });
  });

  it('drops a connection after the change: it is written, and the caller does not know', async () => {
    await write('before');
    server.faults.fail({ next: 1, drop: 'after', on: 'write' });

    const refusal = await refusalOf(write('after'));

    expect(refusal.status).toBeUndefined();
    expect(await read()).toEqual([['after']]);
  });

  it('delays a request behind one that came later', async () => {
    const finished: string[] = [];
    server.faults.fail({ next: 1, on: 'write', delayMilliseconds: 150 });

    await Promise.all([write('slow').then(() => finished.push('write')), read().then(() => finished.push('read'))]);

    expect(finished).toEqual(['read', 'write']);
  });

  it('fails sign-ins when told to, which the client tries again', async () => {
    server.faults.fail({ next: 1, on: 'token', drop: 'before' });
    const before = server.requests.length;

    await connect(server).spreadsheets.get({ spreadsheetId: server.defaultSpreadsheetId });

    const signIns = server.requests.slice(before).filter(({ path }) => path === '/token');
    expect(signIns.map(({ status }) => status)).toEqual([0, 200]);
  });

  it('is told over HTTP too, and shows what was asked', async () => {
    const post = (body: unknown) => fetch(`${server.url}/_control`, { method: 'POST', body: JSON.stringify(body) });

    const told = await post({ fail: { every: 2, status: 503 } });
    const seen = await statuses(2);
    const cleared = await post({ clear: true });
    const state = await fetch(`${server.url}/_control`);

    expect(await told.json()).toEqual({ faults: [{ every: 2, status: 503 }], quota: false });
    expect(seen).toEqual([200, 503]);
    expect(await cleared.json()).toEqual({ faults: [], quota: false });
    expect(await state.json()).toMatchObject({
      requests: expect.arrayContaining([expect.objectContaining({ status: 503 })]),
    });
  });

  it.each([
    ['{"fail":{"status":503}}', 400],
    ['{"fail":{"every":3}}', 400],
    ['{"fail":{"every":3,"status":200}}', 400],
    ['{"fault":{}}', 400],
    ['{', 400],
  ])('refuses to be told %s', async (body, status) => {
    const response = await fetch(`${server.url}/_control`, { method: 'POST', body });

    expect(response.status).toBe(status);
  });
});

describe('The quota', () => {
  it('allows 60 writes and 60 reads in any minute', async () => {
    let time = Date.now();
    const server = await startSheetsServer({ port: 0, requireQuota: true, now: () => time });
    const { values } = connect(server).spreadsheets;
    const spreadsheetId = server.defaultSpreadsheetId;
    const clear = () => values.clear({ spreadsheetId, range: 'A1' });
    const get = () => values.get({ spreadsheetId, range: 'A1' });

    for (let count = 0; count < 60; count += 1) {
      if (count === 30) time += 30_000;
      await clear();
    }
    const refused = await refusalOf(clear());
    const { status: readStatus } = await get();
    time += 30_000;
    for (let count = 0; count < 30; count += 1) await clear();
    const refusedAgain = await refusalOf(clear());
    await server.stop();

    expect(refused).toMatchObject({ status: 429, reason: 'RESOURCE_EXHAUSTED' });
    expect(refused.details).toMatchObject([{ metadata: { quota_limit: 'WriteRequestsPerMinutePerUser' } }]);
    expect(readStatus).toBe(200);
    expect(refusedAgain.status).toBe(429);
  });
});
