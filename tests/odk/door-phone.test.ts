/** A phone with a running stack: it downloads forms, fills them in, sends them, and corrects flagged responses. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isRecord } from '../../local/template/values.ts';
import { Collector, manage } from '../support/collector.ts';
import { describeWithBatch, fillBatch, getForms, sendSubmission, type Order } from '../support/phone-batch.ts';
import { startTestStack, type TestStack } from '../support/test-stack.ts';
import { WELL_ANSWERS, wellsForm } from '../support/wells.ts';

const PHOTO_BYTES = 3_000_000;

describeWithBatch('a phone', () => {
  let stack: TestStack;
  let ada: Collector;
  let folder: string;
  beforeAll(async () => {
    stack = await startTestStack();
    await manage(stack, 'PUT', '/forms/wells', wellsForm(4));
    ada = await Collector.at(stack, 'ada');
    folder = mkdtempSync(path.join(tmpdir(), 'collect-phone-test-'));
  });
  afterAll(async () => {
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (...names: string[]): string => path.join(folder, ...names);

  /** Downloads the forms. @returns the path of the form with this id */
  async function download(formId: string): Promise<string> {
    const got = await getForms(ada.url, at('forms'), formId);
    const form: unknown = Array.isArray(got['forms']) ? got['forms'][0] : undefined;
    if (!isRecord(form) || form['hash_right'] !== true) throw new Error(`The phone got ${JSON.stringify(got)}.`);
    return String(form['file']);
  }

  /** Fills in a form and writes the submission to the file `name`. @returns its id */
  async function fill(order: Order, name: string): Promise<string> {
    const [filled] = await fillBatch([order]);
    if (filled?.not_asked.length !== 0) throw new Error(`The form did not ask ${filled?.not_asked.join()}.`);
    writeFileSync(at(name), filled.submission);
    return String(filled.instance_id);
  }

  const send = (name: string, ...files: string[]): Promise<Record<string, unknown>> =>
    sendSubmission(
      ada.url,
      at(name),
      files.map((file) => at(file)),
    );

  async function stored(responseId: string): Promise<Record<string, unknown>> {
    const reply = await manage(stack, 'GET', `/responses/${encodeURIComponent(responseId)}`);
    const response: Record<string, unknown> = JSON.parse(await reply.text());
    return response;
  }

  test('sends a filled-in form, and the stored response equals it', async () => {
    const id = await fill({ form: await download('wells'), answers: WELL_ANSWERS, username: 'Ada L.' }, 'plain.xml');

    const sent = await send('plain.xml');

    expect(sent).toMatchObject({ ok: true, head_status: 204, limit: 4_000_000, status: 201, message: 'Accepted.' });
    expect(await stored(id)).toMatchObject({
      status: 'accepted',
      revision: 1,
      flags: [],
      response: {
        village: 'Zoé’s <well> & 水',
        depth: 12.5,
        liters: 15_000_000,
        people: [{ age: 30 }, { age: 5 }],
        username: 'Ada L.',
      },
    });
    expect(await send('plain.xml')).toMatchObject({ status: 201 });
    expect(await stored(id)).toMatchObject({ revision: 1 });
  });

  test('sends four photos of 3 MB in several requests; they become files of one response, byte for byte', async () => {
    const photos = [1, 2, 3, 4].map((number) => [`photo_${number}`, `${number}.jpg`] as const);
    const answers = Object.fromEntries(photos.map(([name, file]) => [`/data/${name}`, file]));
    const id = await fill({ form: await download('wells'), answers: { ...WELL_ANSWERS, ...answers } }, 'photos.xml');
    const files = photos.map(([, name]) => ({
      name,
      bytes: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(PHOTO_BYTES - 3)]),
    }));
    for (const { name, bytes } of files) writeFileSync(at(name), bytes);

    const sent = await send('photos.xml', ...files.map(({ name }) => name));

    expect(sent).toMatchObject({ ok: true, status: 201, message: 'Accepted.' });
    expect(Array.isArray(sent['posts']) && sent['posts'].length).toBeGreaterThan(1);
    expect(await stored(id)).toMatchObject({ status: 'accepted', flags: [] });
    const listed = await manage(stack, 'GET', `/responses/${encodeURIComponent(id)}/attachments`);
    const { items }: { items: { name: string; link: string; type: string }[] } = JSON.parse(await listed.text());
    expect(items.map(({ name, type }) => [name, type])).toEqual(files.map(({ name }) => [name, 'image/jpeg']));
    for (const { name, link } of items) {
      const downloaded = Buffer.from(await (await fetch(link)).arrayBuffer());
      expect([name, downloaded.equals(readFileSync(at(name)))]).toEqual([name, true]);
    }
  });

  test('corrects a flagged form by editing it', async () => {
    const form = await download('wells');
    const id = await fill({ form, answers: { ...WELL_ANSWERS, '/data/depth': 150 } }, 'deep.xml');
    expect(await send('deep.xml')).toMatchObject({
      status: 201,
      message: expect.stringContaining('The well is 150 m deep.'),
    });
    await fill({ form, sent: at('deep.xml'), answers: { '/data/depth': 15 } }, 'edited.xml');

    expect(await send('edited.xml')).toMatchObject({ status: 201, message: 'Accepted.' });

    expect(await stored(id)).toMatchObject({ status: 'accepted', revision: 2, response: { depth: 15 } });
  });

  test('corrects a flagged form that it no longer has by the corrections form', async () => {
    const id = await fill(
      { form: await download('wells'), answers: { ...WELL_ANSWERS, '/data/depth': 160 } },
      'deeper.xml',
    );
    await send('deeper.xml');

    const form = await download('wells_corrections');
    const answers = { '/data/correction/response_id': id, '/data/depth': 16 };
    await fill({ form, answers, media: path.dirname(form) }, 'correction.xml');
    expect(await send('correction.xml')).toMatchObject({ status: 201, message: 'Accepted.' });

    expect(await stored(id)).toMatchObject({
      status: 'accepted',
      revision: 2,
      response: { depth: 16, village: 'Zoé’s <well> & 水', people: [{ age: 30 }, { age: 5 }] },
    });
    const list = await (await ada.request('/formList')).text();
    expect(list).not.toContain('wells_corrections');
  });
});
