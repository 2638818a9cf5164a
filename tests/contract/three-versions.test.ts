/** A day on which phones hold three versions of a form: no response and no correction is refused. */
import { readFileSync } from 'node:fs';
import { createHandler as createCollect } from '../../collect-lambdas/collect/routes.ts';
import { createHandler as createForms } from '../../collect-lambdas/forms/routes.ts';
import { createFormStore } from '../../collect-lambdas/shared/form-store.ts';
import { createSnapshot } from '../../collect-lambdas/shared/snapshot.ts';
import { databaseKinds } from '../support/databases.ts';
import { httpEvent, readReply } from '../support/http-event.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { changeRecorder, MemoryStore } from '../support/memory-store.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { anyJob, RecordingQueue } from '../support/recording-queue.ts';
import { metadata } from '../support/responses.ts';

const textOf = (name: string) => readFileSync(`docs/examples/${name}.json`, 'utf8');
/** The second version has other labels; the third has a new required question and a new rule. */
const VERSIONS = [textOf('clinic'), textOf('clinic').replaceAll('"Illness"', '"Ill"'), textOf('clinic-3')];

/** A phone with a version of the form. Without `version`, its app does not know versions. */
interface Phone {
  version?: number;
  /** Whether its form has the question of the third version. */
  isNew: boolean;
}
const PHONES: Phone[] = [
  { version: 1, isNew: false },
  { version: 2, isNew: false },
  { version: 3, isNew: true },
  { isNew: false },
  { isNew: true },
];

const child = { name: 'Juma', born: '2022-09-02', guardian: 'Amina', sex: 'm' };
const adult = { name: 'Otieno', born: '1971-01-30', sex: 'm' };
let cards = 1_000;

/** A new visit, as a phone sends it. */
function visitOf({ version, isNew }: Phone, members: readonly object[]): Record<string, unknown> {
  return {
    ...metadata(),
    ...(version !== undefined && { form_version: version }),
    visited_on: '2026-09-14',
    card: `KE${(cards += 1)}`,
    house: { latitude: -0.0917, longitude: 34.768 },
    reason: 'illness',
    ...(isNew && { distance_km: '3.5' }),
    members,
  };
}

/** The same visit, corrected on a phone. */
function corrected(visit: Record<string, unknown>, phone: Phone, minute: number): Record<string, unknown> {
  const { response_id, card } = visit;
  const last_modified_time = `2026-09-14T06:${minute}:00Z`;
  return { ...visitOf(phone, [child, adult]), response_id, card, last_modified_time };
}

/** Pairs of phones: the second may correct a response of the first, because its version is not earlier or not named. */
const PAIRS = PHONES.flatMap((first) =>
  PHONES.filter(({ version = 3 }) => version >= (first.version ?? 1)).map((second) => [first, second] as const),
);

describe.each(databaseKinds)('phones with three versions of a form on %s', (kind) => {
  let proxy: InProcessProxy;
  let formId: string;
  let send: (route: string, body: unknown) => Promise<ReturnType<typeof readReply>>;
  let put: (definition: string) => Promise<void>;
  let count = 0;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => {
    formId = `clinic_${(count += 1)}`;
    let now = 0;
    const logger = new RecordingLogger();
    const store = new MemoryStore();
    const shared = { dbProxy: proxy, logger };
    const forms = createForms({
      ...anyJob,
      files: new MemoryStore(),
      ...shared,
      recordChange: changeRecorder(logger, store),
      now: () => now,
    });
    const collect = createCollect({
      ...shared,
      forms: createFormStore(proxy, createSnapshot(store), logger, () => (now += 1)),
      enqueue: new RecordingQueue().send,
      triggerPublish: () => Promise.resolve(),
      now: Date.now,
    });
    const path = { form_id: formId };
    put = async (definition) => {
      const { status } = readReply(
        await forms(httpEvent('PUT /forms/{form_id}', { path, body: JSON.parse(definition) })),
      );
      if (status !== 200 && status !== 201) throw new Error(`The form was refused with ${status}.`);
    };
    send = async (route, body) =>
      readReply(await collect(httpEvent(`POST /forms/{form_id}/responses${route}`, { path, body })));
  });
  afterAll(() => proxy.stop());

  test('get every response accepted in the second after each change of the form', async () => {
    const replies: unknown[] = [];
    for (const [index, definition] of VERSIONS.entries()) {
      await put(definition);
      const holders = PHONES.filter(({ version, isNew }) => (version ?? (isNew ? 3 : 1)) <= index + 1);
      for (const phone of holders) replies.push(await send('', visitOf(phone, [adult])));
    }

    expect(replies).toMatchObject(replies.map(() => ({ status: 201, body: { status: 'accepted' } })));
    expect(replies).toHaveLength(2 + 3 + 5);
  });

  test('send a batch that the newest rule flags, and can correct every response', async () => {
    for (const definition of VERSIONS) await put(definition);
    const visits = PHONES.map((phone) => visitOf(phone, [child]));
    const corrections = PHONES.map((phone, index) => corrected(visits[index] ?? {}, phone, 10));

    const first = await send('/batch', visits);
    const second = await send('/batch', corrections);

    const flagged = { status: 'flagged', flags: [{ rule: 'AdultPresent' }] };
    expect(first).toMatchObject({ status: 200, body: { results: PHONES.map(() => flagged) } });
    const accepted = { status: 'accepted', revision: 2 };
    expect(second).toMatchObject({ status: 200, body: { results: PHONES.map(() => accepted) } });
  });

  test.each(PAIRS)('can correct a flagged response of %j on %j, and then on the first phone', async (first, second) => {
    for (const definition of VERSIONS) await put(definition);
    const visit = visitOf(first, [child]);

    const replies = [
      await send('', visit),
      await send('', corrected(visit, second, 10)),
      await send('', corrected(visit, first, 20)),
    ];

    expect(replies).toMatchObject([
      { status: 201, body: { status: 'flagged', revision: 1 } },
      { status: 200, body: { status: 'accepted', revision: 2 } },
      { status: 200, body: { status: 'accepted', revision: 3 } },
    ]);
  });
});
