/** The 1,000 households of the shared data, from the field app's request to the database. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { BatchReply } from '../../collect-lambdas/collect/batch.ts';
import { createHandler } from '../../collect-lambdas/collect/routes.ts';
import { createFormStore } from '../../collect-lambdas/shared/form-store.ts';
import { databaseKinds } from '../support/databases.ts';
import { httpEvent, readReply } from '../support/http-event.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { emptySnapshot } from '../support/memory-store.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingQueue } from '../support/recording-queue.ts';

const folder = path.join(__dirname, '../../../shared/data/households');
if (existsSync(folder)) {
  describe.each(databaseKinds)('the 1,000 households on %s', (kind) => {
    let proxy: InProcessProxy;
    let handler: ReturnType<typeof createHandler>;
    beforeEach(async () => {
      proxy = await InProcessProxy.start(kind);
      const logger = new RecordingLogger();
      const forms = createFormStore(proxy, emptySnapshot(), logger);
      const [enqueue, triggerPublish] = [new RecordingQueue().send, () => Promise.resolve()];
      handler = createHandler({ dbProxy: proxy, forms, logger, enqueue, triggerPublish, now: Date.now });
    });
    afterEach(() => proxy.stop());

    const read = (file: string) => readFileSync(path.join(folder, file), 'utf8').trimEnd();

    /** For each response id, the rules that the response breaks, computed with exact decimals. */
    function expectedRules(): Map<string, string[]> {
      const [, ...rows] = read('expected-flags.csv').split(/\r?\n/);
      return new Map(
        rows.map((row) => {
          const [id = '', , rules = ''] = row.split(',');
          return [id, rules === '' ? [] : rules.split(';')];
        }),
      );
    }

    async function postBatch(text: string): Promise<BatchReply> {
      const event = httpEvent('POST /collect/batch', { body: text, contentType: 'application/x-ndjson' });
      const { status, body } = readReply(await handler(event));
      expect(status).toBe(200);
      return body as BatchReply;
    }

    const rulesOf = (result: unknown) =>
      (Reflect.get(Object(result), 'flags') as { rule: string }[]).map((flag) => flag.rule);

    test('are flagged exactly as expected in a batch, and a second post changes nothing', async () => {
      const text = read('responses.ndjson');

      const first = await postBatch(text);
      const again = await postBatch(text);

      expect(first.summary).toEqual({ accepted: 880, flagged: 120, unchanged: 0, rejected: 0 });
      expect(new Map(first.results.map((result) => [result.response_id, rulesOf(result)]))).toEqual(expectedRules());
      expect(again).toEqual({
        results: first.results,
        summary: { accepted: 0, flagged: 0, unchanged: 1_000, rejected: 0 },
      });
    });

    test('are flagged exactly as expected one by one', async () => {
      const flagged = new Map<string, string[]>();

      for (const line of read('responses.ndjson').split('\n')) {
        const { status, body } = readReply(await handler(httpEvent('POST /collect', { body: line })));
        expect(status).toBe(201);
        flagged.set(String(Reflect.get(Object(body), 'response_id')), rulesOf(body));
      }

      expect(flagged).toEqual(expectedRules());
    });
  });
} else {
  test(`SKIPPED: the 1,000 households are not checked, because ${folder} is missing`, () => {
    expect(existsSync(folder)).toBe(false);
  });
}
