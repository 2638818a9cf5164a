/** The OpenRosa API of a running stack, over HTTP. */
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Collector, manage } from '../support/collector.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';

const WELLS = {
  form_id: 'wells',
  title: 'Wells',
  questions: [
    { name: 'depth', type: 'decimal' },
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

let stack: TestStack;
let ada: Collector;
beforeAll(async () => {
  stack = await startTestStack();
  await manage(stack, 'PUT', '/forms/wells', WELLS);
  ada = await Collector.at(stack, 'ada');
});
afterAll(() => stack?.stop());
afterEach(() => stack.host.faults.clear());

const newId = (): string => `uuid:${crypto.randomUUID()}`;
const proxyName = (): string =>
  stack.host.model.functions.find(({ id }) => id === 'DbProxy/DbProxyFunction')?.name ?? '';

async function stored(responseId: string): Promise<Record<string, unknown>> {
  const reply = await manage(stack, 'GET', `/responses/${encodeURIComponent(responseId)}`);
  const response: Record<string, unknown> = JSON.parse(await reply.text());
  return response;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(100);
}

test('HEAD and GET /submission say how large a request may be', async () => {
  for (const method of ['HEAD', 'GET']) {
    const reply = await ada.request('/submission', { method });

    expect([method, reply.status, await reply.text()]).toEqual([method, 204, '']);
    expect(reply.headers.get('x-openrosa-version')).toBe('1.0');
    expect(reply.headers.get('x-openrosa-accept-content-length')).toBe('4000000');
    expect(reply.headers.get('location')).toBe(`${ada.url}/submission`);
    expect(reply.headers.get('date')).toMatch(/GMT$/);
  }
});

test('the list of forms has an ETag, with which HEAD and GET get 304', async () => {
  const list = await ada.request('/formList');
  const etag = list.headers.get('etag') ?? '';
  expect([list.status, list.headers.get('content-type')]).toEqual([200, 'text/xml; charset=utf-8']);
  expect(await list.text()).toContain(`<downloadUrl>${ada.url}/forms/wells/1.xml</downloadUrl>`);

  const head = await ada.request('/formList', { method: 'HEAD' });
  expect([head.status, head.headers.get('etag')]).toEqual([200, etag]);
  for (const method of ['HEAD', 'GET']) {
    expect((await ada.request('/formList', { method, headers: { 'if-none-match': etag } })).status).toBe(304);
  }
});

test('a submission becomes a response; sent again it changes nothing, and with other content it is refused', async () => {
  const id = newId();
  const sent = { answers: '<depth>150</depth>' };

  const reply = await ada.submit(id, sent);

  expect(reply).toMatchObject({ status: 201, text: expect.stringContaining('The well is 150 m deep.') });
  expect(await stored(id)).toMatchObject({ status: 'flagged', revision: 1, response: { depth: 150, user_id: 'ada' } });
  const replies = await Promise.all([ada.submit(id, sent), ada.submit(id, sent), ada.submit(id, sent)]);
  expect(replies.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect((await ada.submit(id)).status).toBe(409);
  expect(await stored(id)).toMatchObject({ revision: 1 });
});

test('the same submission sent by several requests at the same time is one response', async () => {
  const id = newId();
  const replies = await Promise.all(Array.from({ length: 6 }, () => ada.submit(id)));

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
  expect(await stored(id)).toMatchObject({ revision: 1 });
});

test('another collector’s submission is refused with 403', async () => {
  const id = newId();
  await ada.submit(id);
  const ben = await Collector.at(stack, 'ben');

  expect((await ben.submit(id)).status).toBe(403);
  expect((await ben.submit(newId(), { deprecated: id })).status).toBe(403);
});

test('a correction is the next revision, and the corrections form is listed until then', async () => {
  const cleo = await Collector.at(stack, 'cleo');
  const id = newId();
  await cleo.submit(id, { answers: '<depth>150</depth>' });
  const list = async () => await (await cleo.request('/formList')).text();
  expect(await list()).toContain('wells_corrections');

  expect(await cleo.submit(newId(), { deprecated: id })).toMatchObject({ status: 201 });

  expect(await stored(id)).toMatchObject({ status: 'accepted', revision: 2, response: { depth: 12.5 } });
  expect(await list()).not.toContain('wells_corrections');
});

test('a correction that comes before its original is saved after it, with its file', async () => {
  const [id, correction] = [newId(), newId()];
  const sent = { answers: '<depth>7</depth><photo>a.jpg</photo>', deprecated: id };

  expect(await ada.submit(correction, { ...sent, files: { 'a.jpg': 'photo' } })).toMatchObject({ status: 202 });
  expect(await ada.submit(id, { answers: '<depth>150</depth>' })).toMatchObject({ status: 201 });

  expect(await stored(id)).toMatchObject({ status: 'accepted', revision: 2, response: { depth: 7 } });
  const listed = await manage(stack, 'GET', `/responses/${encodeURIComponent(id)}/submissions`);
  const { items }: { items: { instance_id: string }[] } = JSON.parse(await listed.text());
  expect(items.map((item) => item.instance_id)).toEqual([correction, id]);
  expect(await ada.submit(correction, sent)).toMatchObject({ status: 201 });
  expect((await manage(stack, 'DELETE', `/responses/${encodeURIComponent(id)}`)).status).toBe(204);
  expect(await ada.submit(correction, sent)).toMatchObject({ status: 410 });
});

test('files of several requests belong to one response, and are listed with it', async () => {
  const id = newId();
  const photo = new Uint8Array(3_000_000).fill(7);
  photo.set([0xff, 0xd8, 0xff]);
  const sent = { answers: '<depth>5</depth><photo>फोटो 1.jpg</photo>' };

  expect((await ada.submit(id, sent)).text).toContain('फोटो 1.jpg');
  expect(await stored(id)).toMatchObject({ status: 'flagged', flags: [{ rule: 'MissingAttachment' }] });
  expect((await ada.submit(id, { ...sent, files: { 'फोटो 1.jpg': photo } })).text).toContain('Accepted.');

  expect(await stored(id)).toMatchObject({ status: 'accepted', flags: [] });
  const listed = await manage(stack, 'GET', `/responses/${encodeURIComponent(id)}/attachments`);
  const { items }: { items: { name: string; type: string; link: string }[] } = JSON.parse(await listed.text());
  expect(items).toMatchObject([{ name: 'फोटो 1.jpg', type: 'image/jpeg', bytes: photo.length }]);
  const downloaded = new Uint8Array(await (await fetch(items[0]?.link ?? '')).arrayBuffer());
  expect(Buffer.compare(downloaded, photo)).toBe(0);
});

test('a request that is too large gets 413', async () => {
  const sent = { files: { 'a.jpg': new Uint8Array(4_710_000) } };
  expect(await ada.submit(newId(), sent)).toMatchObject({ status: 413 });
});

test('an erased response gets 410, and so do its corrections', async () => {
  const id = newId();
  await ada.submit(id);
  expect((await manage(stack, 'DELETE', `/responses/${encodeURIComponent(id)}`)).status).toBe(204);

  expect((await ada.submit(id)).status).toBe(410);
  expect((await ada.submit(newId(), { deprecated: id })).status).toBe(410);
});

test('during an outage of the database a submission is queued, and saved afterwards', async () => {
  const id = newId();
  await ada.submit(newId());
  stack.host.faults.inject(proxyName(), { kind: 'unavailable', times: 100_000 });

  expect(await ada.submit(id, { answers: '<depth>150</depth>' })).toMatchObject({
    status: 202,
    text: expect.stringContaining('The well is 150 m deep.'),
  });
  expect((await ada.request('/formList')).status).toBe(503);
  stack.host.faults.clear();

  await until(async () => (await stored(id))['status'] === 'flagged');
});

test('an environment that starts during an outage accepts submissions', async () => {
  const cold = await startTestStack();
  try {
    await manage(cold, 'PUT', '/forms/wells', WELLS);
    const dan = await Collector.at(cold, 'dan');
    cold.host.faults.inject(proxyName(), { kind: 'unavailable', times: 100_000 });

    expect(await dan.submit(newId())).toMatchObject({ status: 202, text: expect.stringContaining('Accepted.') });
  } finally {
    await cold.stop();
  }
});

test('no log has a token', async () => {
  const ben = await Collector.at(stack, 'ben');
  await ben.submit('uuid:broken', { form: 'no_such_form' });
  await ben.request('/forms/wells/99.xml');
  await ben.request('/formList');
  stack.host.faults.inject(proxyName(), { kind: 'unavailable', times: 10 });
  await ben.request('/formList');
  await fetch(`${stack.url}/odk/clt_unknown-token/submission`);

  const logs = globSync(`${stack.host.logFolder}/*.log`).map((file) => readFileSync(file, 'utf8'));
  expect(logs.join('')).toContain('/odk/{token}/');
  for (const log of logs) {
    expect(log).not.toContain(ben.token);
    expect(log).not.toContain(ada.token);
    expect(log).not.toContain('clt_unknown-token');
  }
});
