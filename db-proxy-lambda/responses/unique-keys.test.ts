/** Answers that no two responses of a form should share. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { describeOnServers, everyDatabaseKind } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { startProxyProcesses, type ProxyProcess } from '../../tests/support/proxy-process.ts';
import { incoming, type IncomingChanges } from '../../tests/support/responses.ts';
import { toInstant } from '../../forms/values/time.ts';
import { contract, type IncomingResponse, type SaveOutcome } from '../contract.ts';
import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open-database.ts';
import { claimUniqueKeys, lockUniqueKeys } from './unique-key-queries.ts';

type Key = NonNullable<IncomingResponse['unique']>[number];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const instant = (time: string) => toInstant(time) ?? '';

/** The key of an identity card's number. */
function cardKey(card: string, changes: Partial<Key> = {}): Key {
  return {
    hash: sha256(card),
    at: instant('2026-09-01T06:00:00Z'),
    flag: { rule: 'Duplicate', message: 'Known as \u001A.', questions: ['card'], values: { card } },
    ...changes,
  };
}

/** A response with this card. */
function person(card: string, { unique = [cardKey(card)], ...changes }: IncomingChanges = {}): IncomingResponse {
  return incoming({ response: { card }, unique, ...changes });
}

const flagOf = (card: string, { response_id }: IncomingResponse) => ({
  rule: 'Duplicate',
  message: `Known as ${response_id}.`,
  questions: ['card'],
  values: { card },
});
const created = { outcome: 'created', revision: 1 };
const LATER = '2026-10-01T00:00:00Z';

describe.each(everyDatabaseKind)('answers that must be unique, on %s', (kind) => {
  let proxy: InProcessProxy;
  let card: string;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  beforeEach(() => {
    card = randomUUID();
  });
  afterAll(() => proxy.stop());

  const save = async (...responses: IncomingResponse[]) => (await proxy.call('saveResponses', { responses })).results;
  const stored = async ({ response_id: id }: IncomingResponse) =>
    (await proxy.call('getResponse', { response_id: id })).response;
  const correctionOf = ({ response_id }: IncomingResponse, to: string, changes: IncomingChanges = {}) =>
    person(to, { response_id, at: LATER, ...changes });
  const rows = () => proxy.database.db.selectFrom('unique_keys').selectAll().execute();

  test('flag the later of two responses, in the outcome, in the database and in its event', async () => {
    const [first, second] = [person(card), person(card)];

    expect(await save(first)).toEqual([created]);
    expect(await save(second)).toEqual([{ ...created, flags: [flagOf(card, first)] }]);

    expect(await stored(first)).toMatchObject({ status: 'accepted', flags: [] });
    expect(await stored(second)).toMatchObject({ status: 'flagged', flags: [flagOf(card, first)] });
    expect((await readOutbox(proxy)).filter(({ response_id }) => response_id === second.response_id)).toMatchObject([
      { type: 'flagged', flags: [{ rule: 'Duplicate', message: `Known as ${first.response_id}.` }] },
    ]);
  });

  test('flag the later of two responses of one batch; others of the batch are saved as they are', async () => {
    const batch = [person(card), person(`${card} 2`), person(card), incoming()];

    expect(await save(...batch)).toEqual([
      created,
      created,
      { ...created, flags: [flagOf(card, batch[0] ?? person(card))] },
      created,
    ]);
  });

  test('add their flag to those of the rules', async () => {
    const first = person(card);
    const broken = { rule: 'Rule1', message: 'No.', questions: ['food'], values: { food: 9 } };
    const second = person(card, { status: 'flagged', flags: [broken] });

    const [, outcome] = await save(first, second);

    expect(outcome).toEqual({ ...created, flags: [broken, flagOf(card, first)] });
    expect(await stored(second)).toMatchObject({ flags: [broken, flagOf(card, first)] });
  });

  test('name the response that was submitted first, in every later duplicate', async () => {
    const at = (time: string) => ({ unique: [cardKey(card, { at: instant(time) })] });
    const [late, early, third] = [
      person(card, at('2026-09-03T00:00:00Z')),
      person(card, at('2026-09-01T00:00:00Z')),
      person(card, at('2026-09-05T00:00:00Z')),
    ];

    expect(await save(late)).toEqual([created]);
    expect(await save(early)).toMatchObject([{ flags: [flagOf(card, late)] }]);
    expect(await save(third)).toMatchObject([{ flags: [flagOf(card, early)] }]);
  });

  test('are compared in the same form only', async () => {
    expect(await save(person(card))).toEqual([created]);
    expect(await save(person(card, { form_id: 'crops' }))).toEqual([created]);
    expect(await save(person(card, { form_id: 'maize.draft' }))).toEqual([created]);
    expect(await save(person(card, { form_id: 'crops' }))).toMatchObject([{ flags: [{ rule: 'Duplicate' }] }]);
  });

  test('may be several in one response, each with its own flag', async () => {
    const phone = cardKey(`${card} phone`, {
      flag: { rule: 'Phone', message: 'Phone of \u001A.', questions: ['phone'], values: { phone: 1 } },
    });
    const [one, other] = [person(card), person('', { unique: [phone] })];
    await save(one, other);

    const [outcome] = await save(person(card, { unique: [cardKey(card), phone] }));

    expect(outcome).toEqual({
      ...created,
      flags: [flagOf(card, one), { ...phone.flag, message: `Phone of ${other.response_id}.` }],
    });
  });

  test.each([
    ['2026-08-02T06:00:00Z', true],
    ['2026-08-02T05:59:59.999999999Z', false],
    ['2026-10-01T06:00:00Z', true],
    ['2026-10-01T06:00:00.000000001Z', false],
  ])('within 30 days flag a duplicate of a response of %s: %s', async (at, isFlagged) => {
    const within = { from: instant('2026-08-02T06:00:00Z'), to: instant('2026-10-01T06:00:00Z') };
    const first = person(card, { unique: [cardKey(card, { at: instant(at) })] });
    await save(first);

    const [outcome] = await save(person(card, { unique: [cardKey(card, { within })] }));

    expect(outcome).toEqual(isFlagged ? { ...created, flags: [flagOf(card, first)] } : created);
  });

  test('a response that is sent again is unchanged, with its flags', async () => {
    const [first, second] = [person(card), person(card)];
    await save(first, second);

    expect(await save(first)).toEqual([{ outcome: 'unchanged', revision: 1, status: 'accepted', flags: [] }]);
    expect(await save(second)).toEqual([
      { outcome: 'unchanged', revision: 1, status: 'flagged', flags: [flagOf(card, first)] },
    ]);
  });

  test('a response is not its own duplicate, and the first stays the first, when other answers are corrected', async () => {
    const [first, second] = [person(card), person(card)];
    await save(first, second);

    expect(await save(correctionOf(first, card))).toEqual([{ outcome: 'updated', revision: 2 }]);
    expect(await save(correctionOf(second, card))).toEqual([
      { outcome: 'updated', revision: 2, flags: [flagOf(card, first)] },
    ]);
  });

  test('a corrected duplicate is accepted, and its event says so', async () => {
    const [first, second] = [person(card), person(card)];
    await save(first, second);

    expect(await save(correctionOf(second, `${card} 2`))).toEqual([{ outcome: 'updated', revision: 2 }]);

    expect(await stored(second)).toMatchObject({ status: 'accepted', flags: [] });
    const events = (await readOutbox(proxy)).filter(({ response_id }) => response_id === second.response_id);
    expect(events.map(({ type }) => type)).toEqual(['flagged', 'corrected']);
  });

  test.each([
    ['corrected to others', (to: string) => ({ unique: [cardKey(to)] })],
    ['removed', () => ({ unique: [] })],
    ['no longer to be unique', () => ({ unique: undefined })],
  ])('that are %s are free for another response', async (_what, changes) => {
    const first = person(card);
    await save(first);

    expect(await save(correctionOf(first, `${card} 2`, changes(`${card} 2`)))).toMatchObject([{ outcome: 'updated' }]);

    expect(await save(person(card))).toEqual([created]);
  });

  test('when the first response is corrected to other answers, its duplicate stays flagged until it is saved again', async () => {
    const [first, second, third, fourth] = [person(card), person(card), person(card), person(card)];
    await save(first, second, third);

    await save(correctionOf(first, `${card} 2`));

    expect(await stored(second)).toMatchObject({ status: 'flagged' });
    expect(await save(fourth)).toEqual([{ ...created, flags: [flagOf(card, second)] }]);
    expect(await save(correctionOf(second, card))).toEqual([{ outcome: 'updated', revision: 2 }]);
    expect(await save(correctionOf(third, card))).toMatchObject([{ flags: [flagOf(card, second)] }]);
  });

  test('when the first response is corrected away and back, it becomes the later one', async () => {
    const [first, second] = [person(card), person(card)];
    await save(first, second);
    await save(correctionOf(first, `${card} 2`));

    const [outcome] = await save(correctionOf(first, card, { at: '2026-10-02T00:00:00Z' }));

    expect(outcome).toEqual({ outcome: 'updated', revision: 3, flags: [flagOf(card, second)] });
  });

  test('two responses of a batch may exchange their answers', async () => {
    const [one, other] = [person(card), person(`${card} 2`)];
    await save(one, other);

    const outcomes = await save(correctionOf(one, `${card} 2`), correctionOf(other, card));

    expect(outcomes).toEqual([
      { outcome: 'updated', revision: 2, flags: [flagOf(`${card} 2`, other)] },
      { outcome: 'updated', revision: 2 },
    ]);
  });

  test('of a refused or kept state are not claimed', async () => {
    const first = person(card, { at: LATER });
    await save(first);
    const old = person(`${card} 2`, { response_id: first.response_id });

    expect(await save(old)).toMatchObject([{ outcome: 'stale' }]);
    expect((await proxy.call('saveResponses', { responses: [old], late: true })).results).toMatchObject([
      { outcome: 'kept' },
    ]);

    expect(await save(person(`${card} 2`))).toEqual([created]);
  });

  test('of an erased response are deleted, and no flag names that response again', async () => {
    const [first, second, third] = [person(card), person(card), person(card)];
    await save(first, second);

    await proxy.call('eraseResponse', { response_id: first.response_id });

    expect((await rows()).filter(({ response_id }) => response_id === first.response_id)).toEqual([]);
    expect(await save(third)).toEqual([{ ...created, flags: [flagOf(card, second)] }]);
    await proxy.call('eraseResponse', { response_id: second.response_id });
    await proxy.call('eraseResponse', { response_id: third.response_id });
    const { unique = [] } = first;
    expect(JSON.stringify(await rows())).not.toContain(sha256(`household_finances ${unique[0]?.hash}`));
    expect(await save(person(card))).toEqual([created]);
  });

  test('of responses to a draft are deleted with the draft; the open form starts without keys', async () => {
    const form = (state: string) => ({ form_id: 'people', definition: { title: 'People', state } });
    const draft = { form_id: 'people.draft' };
    await proxy.call('putForm', form('draft'));
    const [first, second] = [person(card, draft), person(card, draft)];
    expect(await save(first, second)).toMatchObject([created, { flags: [flagOf(card, first)] }]);

    await proxy.call('putForm', form('open'));

    const ids = new Set([first, second].map(({ response_id }) => response_id));
    expect((await rows()).filter(({ response_id }) => ids.has(response_id))).toEqual([]);
    const late = person(card, draft);
    expect(await save(late)).toEqual([created]);
    expect(await save(person(card, { form_id: 'people' }))).toMatchObject([{ flags: [flagOf(card, late)] }]);
  });

  test('add their flag so that all flags together have at most 64,000 bytes', async () => {
    const long = {
      rule: 'Rule1',
      message: 'x'.repeat(5_000),
      questions: ['food'],
      values: { food: 'y'.repeat(60_000) },
    };
    await save(person(card));

    const [outcome] = await save(person(card, { status: 'flagged', flags: [long] }));

    const flags = outcome !== undefined && 'flags' in outcome ? (outcome.flags ?? []) : [];
    expect(flags.map(({ rule }) => rule)).toEqual(['Rule1', 'Duplicate']);
    expect(Buffer.byteLength(JSON.stringify(flags))).toBeLessThanOrEqual(64_000);
  });
});

describe.each(everyDatabaseKind)('equal responses that proxies save at the same time, on %s', (kind) => {
  const PROCESSES = 4;
  let proxy: InProcessProxy;
  let processes: ProxyProcess[];
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    processes = await startProxyProcesses(PROCESSES, proxy.url);
  });
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await proxy.stop();
  });

  /** Distributes calls over the processes, and returns the outcomes of each call. */
  async function saveAtOnce(calls: IncomingResponse[][]): Promise<SaveOutcome[][]> {
    const outcomes: SaveOutcome[][] = [];
    await Promise.all(
      processes.map(async (each, number) => {
        const mine = [...calls.entries()].filter(([index]) => index % PROCESSES === number);
        const requests = mine.map(([, responses]) => ({ operation: 'saveResponses', input: { responses } }));
        const replies = await each.ask(requests);
        for (const [position, [index]] of mine.entries()) {
          expect([replies[position], each.logged]).toEqual([expect.objectContaining({ ok: true }), []]);
          outcomes[index] = contract.saveResponses.result.parse(
            Reflect.get(Object(replies[position]), 'result'),
          ).results;
        }
      }),
    );
    return outcomes;
  }

  const isFlagged = (outcome: SaveOutcome | undefined) => outcome !== undefined && 'flags' in outcome;

  test('exactly the later response of each pair is flagged, and its flag names the other', async () => {
    const pairs = Array.from({ length: 40 }, () => randomUUID()).map((card) => [person(card), person(card)]);

    const outcomes = (await saveAtOnce(pairs.flat().map((each) => [each]))).flat();

    for (const [index, [one, other]] of pairs.entries()) {
      const both = [outcomes[2 * index], outcomes[2 * index + 1]];
      expect(both.filter(isFlagged)).toHaveLength(1);
      const first = isFlagged(both[0]) ? other : one;
      expect(both.find(isFlagged)).toMatchObject({ flags: [{ message: `Known as ${first?.response_id}.` }] });
    }
  });

  test('one of 40 with the same answers is accepted', async () => {
    const card = randomUUID();
    const outcomes = (await saveAtOnce(Array.from({ length: 40 }, () => [person(card)]))).flat();
    expect(outcomes.filter((each) => !isFlagged(each))).toEqual([created]);
  });

  test('in batches of opposite orders, one response with each answer is accepted', async () => {
    const cards = Array.from({ length: 60 }, () => randomUUID());
    const batches = Array.from({ length: 4 }, (_, index) =>
      (index % 2 === 0 ? cards : cards.toReversed()).map((card) => person(card)),
    );

    const outcomes = await saveAtOnce(batches);

    const accepted = batches.flatMap((batch, index) =>
      batch.flatMap(({ response }, position) =>
        isFlagged(outcomes[index]?.[position]) ? [] : [String(response['card'])],
      ),
    );
    expect(accepted.toSorted()).toEqual(cards.toSorted());
  });

  test('the lowest place of each key stays 1 while first responses are corrected away and others are saved', async () => {
    const cards = Array.from({ length: 10 }, () => randomUUID());
    const first = cards.map((card) => person(card));
    await proxy.call('saveResponses', { responses: first });

    await saveAtOnce(
      first.flatMap((each, index) => [
        [person(cards[index] ?? '')],
        [person(`${cards[index]} new`, { response_id: each.response_id, at: LATER })],
        [person(cards[index] ?? '')],
        [person(cards[index] ?? '', { response_id: each.response_id, at: '2026-10-02T00:00:00Z' })],
      ]),
    );

    const rows = await proxy.database.db.selectFrom('unique_keys').select(['key_hash', 'place']).execute();
    const lowest = new Map<string, number>();
    for (const { key_hash: key, place } of rows) lowest.set(key, Math.min(place, lowest.get(key) ?? place));
    expect([...new Set(lowest.values())]).toEqual([1]);
  });
});

describeOnServers('while another transaction changes the responses with the same answers', (kind) => {
  let proxy: InProcessProxy;
  let other: Database;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    other = openDatabase(proxy.url);
  });
  afterAll(async () => {
    await other.close();
    await proxy.stop();
  });

  const save = async (...responses: IncomingResponse[]) => (await proxy.call('saveResponses', { responses })).results;

  /**
   * Saves `saved` while an open transaction claims the keys of `changed`. Commits it once the save waits for a lock or
   * has ended.
   */
  async function saveDuring(changed: IncomingResponse, saved: IncomingResponse): Promise<SaveOutcome[]> {
    const transaction = await other.db.startTransaction().execute();
    await claimUniqueKeys(transaction, await lockUniqueKeys(transaction, [changed]), changed);
    const progress = { hasEnded: false };
    const saving = save(saved).finally(() => {
      progress.hasEnded = true;
    });
    const isWaiting = async () => {
      const waiting = sql`select 1 from information_schema.innodb_trx where trx_state = 'LOCK WAIT'`;
      return (await waiting.execute(other.db)).rows.length > 0;
    };
    // InnoDB refreshes innodb_trx only if nothing has read it for a tenth of a second.
    do await wait(150);
    while (!progress.hasEnded && !(await isWaiting()));
    await transaction.commit().execute();
    return saving;
  }

  test('the correction of the first response to other answers waits for the duplicate, which is then the first', async () => {
    const card = randomUUID();
    const [first, second] = [person(card), person(card)];
    await save(first);

    await saveDuring(second, person(`${card} 2`, { response_id: first.response_id, at: LATER }));

    expect(await save(person(card))).toEqual([{ ...created, flags: [flagOf(card, second)] }]);
  });

  test('a duplicate waits for the correction of the first response to other answers, and is then the first', async () => {
    const card = randomUUID();
    const first = person(card);
    await save(first);

    const outcomes = await saveDuring(person(`${card} 2`, { response_id: first.response_id }), person(card));

    expect(outcomes).toEqual([created]);
  });
});
