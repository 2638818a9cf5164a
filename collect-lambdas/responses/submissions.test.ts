import { OpenRosa, instanceXml } from '../../tests/support/openrosa.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { createHandler } from './routes.ts';

interface Page {
  items: { instance_id: string; user_id: string; received_at: string; xml: string }[];
  next_cursor: string | null;
}

describe('GET /responses/{response_id}/submissions', () => {
  let openRosa: OpenRosa;
  beforeEach(async () => {
    openRosa = await OpenRosa.start('sqlite');
    await openRosa.putForm({ form_id: 'wells', title: 'Wells', questions: [{ name: 'depth', type: 'decimal' }] });
  });
  afterEach(() => openRosa.stop());

  async function ask(responseId: string, query: Record<string, string> = {}) {
    const handler = createHandler({
      dbProxy: openRosa.proxy,
      files: openRosa.files,
      store: new MemoryStore(),
      triggerPublish: () => Promise.resolve(),
      logger: openRosa.logger,
    });
    const event = httpEvent('GET /responses/{response_id}/submissions', { path: { response_id: responseId }, query });
    return readReply(await handler(event));
  }

  test('lists what was sent, in order of arrival', async () => {
    const first = { answers: '<depth>1</depth>' };
    const second = { answers: '<depth>2</depth>', deprecated: 'uuid:a' };
    const third = { answers: '<depth>3</depth>', deprecated: 'uuid:b' };
    await openRosa.submit('uuid:a', first);
    await openRosa.submit('uuid:b', second);
    await openRosa.submit('uuid:c', third);

    const { status, body } = await ask('uuid:a');

    expect(status).toBe(200);
    expect(body).toEqual({
      items: [
        { instance_id: 'uuid:a', xml: instanceXml('uuid:a', first) },
        { instance_id: 'uuid:b', xml: instanceXml('uuid:b', second) },
        { instance_id: 'uuid:c', xml: instanceXml('uuid:c', third) },
      ].map((item) => ({ ...item, user_id: 'collector-1', received_at: expect.stringMatching(/Z$/) })),
      next_cursor: null,
    });
  });

  test('has pages of at most 2 MB, or one submission', async () => {
    const answers = (depth: number) => `<depth>${depth}</depth><!--${'x'.repeat(1_200_000)}-->`;
    await openRosa.submit('uuid:a', { answers: answers(1) });
    await openRosa.submit('uuid:b', { answers: answers(2), deprecated: 'uuid:a' });
    await openRosa.submit('uuid:c', { answers: '<depth>3</depth>', deprecated: 'uuid:a' });

    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = Object((await ask('uuid:a', cursor === '' ? {} : { cursor })).body);
      pages.push(page.items.map(({ instance_id: id }) => id));
      cursor = page.next_cursor;
    }

    expect(pages).toEqual([['uuid:a'], ['uuid:b', 'uuid:c']]);
  });

  test('is 404 for an unknown response and 410 for an erased one', async () => {
    await openRosa.submit('uuid:a');
    await openRosa.proxy.call('eraseResponse', { response_id: 'uuid:a' });

    expect((await ask('uuid:a')).status).toBe(410);
    expect((await ask('uuid:b')).status).toBe(404);
  });
});
