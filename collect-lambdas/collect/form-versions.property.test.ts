/** Random versions of a form: what a phone with the earlier version sends is kept and exported whole. */
import * as fc from 'fast-check';
import { ask, claim, readAll } from '../../tests/support/exports.ts';
import { httpEvent, readReply } from '../../tests/support/http-event.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { MemoryStore } from '../../tests/support/memory-store.ts';
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { metadata } from '../../tests/support/responses.ts';
import { createFormStore } from '../shared/form-store.ts';
import { createSnapshot } from '../shared/snapshot.ts';
import { createHandler } from './routes.ts';

const ANSWERS: Record<string, string | number | boolean> = {
  text: 'tin',
  integer: 7,
  boolean: true,
  date: '2026-09-01',
  time_of_day: '06:30',
};
const question = fc.record({
  name: fc.constantFrom('roof', 'bags', 'district', 'walls', 'rooms'),
  type: fc.constantFrom(...Object.keys(ANSWERS)),
});
const questions = fc
  .uniqueArray(question, { selector: ({ name }) => name, minLength: 1 })
  .map((list) => list.map(({ name, type }) => ({ key: name, name, type })));

let proxy: InProcessProxy;
beforeAll(async () => {
  proxy = await InProcessProxy.start('sqlite');
  Object.assign(proxy.database, { settleMs: 1 });
});
afterAll(() => proxy.stop());

test('responses to version 1 are accepted and exported after a version with other questions was stored', async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(questions, questions, async (first, second) => {
      const formId = `crops_${(count += 1)}`;
      const logger = new RecordingLogger();
      const forms = createFormStore(proxy, createSnapshot(new MemoryStore()), logger, Date.now);
      const handler = createHandler({
        dbProxy: proxy,
        forms,
        logger,
        enqueue: new RecordingQueue().send,
        triggerPublish: () => Promise.resolve(),
        now: Date.now,
      });
      const put = (list: object[]) =>
        proxy.call('putForm', { form_id: formId, definition: { form_id: formId, title: 'Crops', questions: list } });
      const answers = Object.fromEntries(first.map(({ name, type }) => [name, ANSWERS[type]]));
      const collect = async () => {
        const body = { ...metadata(), form_version: 1, ...answers };
        return readReply(
          await handler(httpEvent('POST /forms/{form_id}/responses', { path: { form_id: formId }, body })),
        );
      };

      await put(first);
      const replies = [await collect()];
      await put(second);
      replies.push(await collect());

      expect(replies).toMatchObject([
        { status: 201, body: { status: 'accepted' } },
        { status: 201, body: { status: 'accepted' } },
      ]);
      const { table, bound } = await claim(proxy, await ask(proxy, { table: formId }));
      const rows = await readAll(proxy, bound, { table: formId });
      const cells = rows.map((row) =>
        Object.fromEntries(table.columns.map(({ name }, index) => [name, String(row[index])])),
      );
      const expected = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, String(answer)]));
      expect(cells).toMatchObject([
        { ...expected, form_version: '1' },
        { ...expected, form_version: '1' },
      ]);
    }),
    { numRuns: 40 },
  );
});
