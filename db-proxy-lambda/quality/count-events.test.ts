import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { QUALITY_KEYS, type Input, type QualityRow } from '../contract.ts';

const LATER = '2026-09-02T06:00:00Z';
const file = { name: 'a.jpg', object_key: 'responses/a', sha256: 'a'.repeat(64), bytes: 3, type: 'image/jpeg' };
const flagged: IncomingChanges = {
  status: 'flagged',
  flags: [{ rule: 'Rule1', message: 'Ask again.', questions: [], values: {} }],
};

describe.each(databaseKinds)('counting events on %s:', (kind) => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterEach(() => proxy.stop());

  const save = (changes: IncomingChanges) =>
    proxy.call('saveResponses', { responses: [incoming({ response_id: 'a', user_id: 'amina', ...changes })] });
  const review = (changes: Parameters<typeof incomingReview>[0]) =>
    proxy.call('saveReviews', { reviews: [incomingReview(changes)] });

  async function publish(changes: Partial<Input<'claimResponseEvents'>> = {}): Promise<void> {
    const claim = { holder: 'publisher-1', lease_seconds: 60, limit: 100, waiting: [], ...changes };
    const { events } = await proxy.call('claimResponseEvents', { ...claim, published: [] });
    await proxy.call('claimResponseEvents', { ...claim, published: events.map((event) => event.event_id) });
  }

  async function rowsBy(by: Input<'readQuality'>['by']): Promise<QualityRow[]> {
    const reply = await proxy.call('readQuality', { form_id: 'household_finances', by });
    return reply.outcome === 'found' ? reply.rows : [];
  }

  test('several events of one response in one page count like events on several pages', async () => {
    await save(flagged);
    await save({ at: LATER });
    await publish();

    expect(await rowsBy('day')).toMatchObject([
      { responses: 1, first_passed: 0, flags: 1, corrected: 1, median_correction_seconds: 0, open: 0 },
    ]);
  });

  test('an erased response is removed from every figure, whether its events were published or not', async () => {
    await save(flagged);
    await publish();
    await save({ response_id: 'b', ...flagged });
    for (const id of ['a', 'b']) await proxy.call('eraseResponse', { response_id: id });
    await publish();

    expect(await Promise.all(QUALITY_KEYS.map(rowsBy))).toEqual(QUALITY_KEYS.map(() => []));
    expect(await proxy.database.db.selectFrom('quality_responses').selectAll().execute()).toEqual([]);
  });

  test('the first collector is known even if the response was assigned before its first event was published', async () => {
    await save(flagged);
    await review({ response_id: 'a', action: 'assign', revision: 1, assignee: 'ben' });
    await publish({ limit: 1 });
    await publish();

    expect(await rowsBy('collector')).toMatchObject([
      { key: 'amina', responses: 1, flags: 1, open: 0 },
      { key: 'ben', responses: 0, flags: 0, open: 1 },
    ]);
  });

  test('a rejected response stays closed when its missing file comes', async () => {
    await save({ ...flagged, expects: ['a.jpg'] });
    await review({ response_id: 'a', action: 'reject', revision: 1 });
    await publish();
    await proxy.call('addAttachments', { response_id: 'a', files: [file] });
    await publish();

    expect(await rowsBy('day')).toMatchObject([{ flags: 1, open: 0 }]);
    expect(await rowsBy('rule')).toMatchObject([{ key: 'Rule1', open: 0 }]);
  });

  test('events that the topic refuses count too', async () => {
    await save(flagged);
    const claim = { holder: 'publisher-1', lease_seconds: 60, limit: 100, waiting: [], published: [] };
    const { events } = await proxy.call('claimResponseEvents', claim);
    await proxy.call('refuseResponseEvents', {
      events: events.map(({ event_id: id }) => ({ event_id: id, reason: 'TooLarge' })),
    });

    expect(await rowsBy('collector')).toMatchObject([{ key: 'amina', responses: 1, open: 1 }]);
  });

  test('a response that arrived before responses were counted stays uncounted', async () => {
    await save(flagged);
    await proxy.database.db.deleteFrom('response_events').execute();
    await save({ at: LATER, ...flagged });
    await publish();

    expect(await rowsBy('day')).toEqual([]);
  });
});
