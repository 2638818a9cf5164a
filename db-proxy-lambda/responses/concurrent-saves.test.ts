/** Field apps retry and sync in parallel: concurrent saves by several Lambda execution environments. */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { everyDatabaseKind, describeOnServers } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { startProxyProcesses, type ProxyProcess } from '../../tests/support/proxy-process.ts';
import { incoming } from '../../tests/support/responses.ts';
import {
  contract,
  type IncomingResponse,
  type ListPosition,
  type SaveOutcome,
  type StoredRevision,
} from '../contract.ts';
import type { Database } from '../database/database.ts';
import { openDatabase } from '../database/open-database.ts';
import { insertResponses, replaceRevision } from './queries.ts';

const PROCESSES = 4;

describe.each(everyDatabaseKind)('proxies that save at the same time on %s', (kind) => {
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

  /** Distributes batches over the processes, sends them all at the same time, and returns the outcomes of each batch. */
  async function saveAtOnce(batches: IncomingResponse[][]): Promise<SaveOutcome[][]> {
    const outcomes: SaveOutcome[][] = [];
    await Promise.all(
      processes.map(async (each, number) => {
        const mine = [...batches.entries()].filter(([index]) => index % PROCESSES === number);
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

  async function history(responseId: string) {
    const { items } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
    return items;
  }

  test('the newest of 20 concurrent revisions wins, and the history has every applied revision', async () => {
    const responseId = `response-${randomUUID()}`;
    const writers = shuffle(Array.from({ length: 20 }, (_, index) => index)).map((minute) =>
      incoming({
        response_id: responseId,
        at: `2026-09-01T06:${String(minute).padStart(2, '0')}:00Z`,
        response: { minute },
      }),
    );

    const outcomes = (await saveAtOnce(writers.map((each) => [each]))).flat();

    const applied = writers.flatMap(({ response }, index) => {
      const outcome = outcomes[index];
      return outcome?.outcome === 'created' || outcome?.outcome === 'updated'
        ? [{ revision: outcome.revision, response }]
        : [];
    });
    const kept = (await history(responseId)).map(({ revision, response }) => ({ revision, response }));
    expect(kept).toEqual(applied.toSorted((a, b) => a.revision - b.revision));
    expect(kept.map(({ revision }) => revision)).toEqual(kept.map((_, index) => index + 1));
    expect(kept.at(-1)).toMatchObject({ response: { minute: 19 } });
    const minutes = kept.map(({ response }) => Number(response['minute']));
    expect(minutes).toEqual(minutes.toSorted((a, b) => a - b));
    const refused = outcomes.filter(({ outcome }) => outcome === 'stale');
    expect(refused).toHaveLength(20 - applied.length);
  });

  test('a new response that two devices send at the same time is created once and unchanged once', async () => {
    const responses = Array.from({ length: 20 }, () => incoming());

    const outcomes = await saveAtOnce(responses.flatMap((each) => [[each], [each]]));

    for (const [index, { response_id: responseId }] of responses.entries()) {
      const both = [outcomes[2 * index], outcomes[2 * index + 1]].flat().map((each) => String(each?.outcome));
      expect(both.toSorted()).toEqual(['created', 'unchanged']);
      expect(await history(responseId)).toHaveLength(1);
    }
  });

  test('batches that share their new responses, in opposite orders, all succeed and create each response once', async () => {
    const responses = Array.from({ length: 150 }, () => incoming());
    const batches = Array.from({ length: 8 }, (_, index) =>
      index % 2 === 0 ? responses : index % 4 === 1 ? responses.toReversed() : shuffle(responses),
    );

    const outcomes = await saveAtOnce(batches);

    const counts = new Map(responses.map(({ response_id: id }) => [id, { created: 0, unchanged: 0 }]));
    for (const [index, batch] of batches.entries()) {
      for (const [position, { response_id: id }] of batch.entries()) {
        const count = counts.get(id);
        const outcome = outcomes[index]?.[position]?.outcome;
        if (count !== undefined && (outcome === 'created' || outcome === 'unchanged')) count[outcome] += 1;
      }
    }
    expect([...counts.values()]).toEqual(responses.map(() => ({ created: 1, unchanged: batches.length - 1 })));
  });

  test('batches that change the same stored responses, in opposite orders, all succeed and lose no revision', async () => {
    const first = Array.from({ length: 60 }, () => incoming({ response: { writer: 0 } }));
    await proxy.call('saveResponses', { responses: first });
    const batches = Array.from({ length: 8 }, (_, index) => {
      const writer = index + 1;
      const changed = first.map(({ response_id: id }) =>
        incoming({ response_id: id, at: `2026-09-01T07:0${writer}:00Z`, response: { writer } }),
      );
      return index % 2 === 0 ? changed : changed.toReversed();
    });

    const outcomes = await saveAtOnce(batches);

    for (const { response_id: id } of first) {
      const applied = batches.flatMap((batch, index) => {
        const outcome = outcomes[index]?.[batch.findIndex((each) => each.response_id === id)];
        return outcome?.outcome === 'updated' ? [{ revision: outcome.revision, response: { writer: index + 1 } }] : [];
      });
      const kept = (await history(id)).map(({ revision, response }) => ({ revision, response }));
      expect(kept).toEqual([
        { revision: 1, response: { writer: 0 } },
        ...applied.toSorted((a, b) => a.revision - b.revision),
      ]);
      expect(kept.at(-1)).toMatchObject({ revision: kept.length, response: { writer: 8 } });
    }
  });

  test('single saves that race with a batch of the same responses store each response once', async () => {
    const responses = Array.from({ length: 40 }, () => incoming());

    const outcomes = await saveAtOnce([responses, ...responses.toReversed().map((each) => [each])]);

    const singles = outcomes.slice(1).flat().toReversed();
    for (const [index, inBatch] of (outcomes[0] ?? []).entries()) {
      expect([inBatch.outcome, String(singles[index]?.outcome)].toSorted()).toEqual(['created', 'unchanged']);
    }
  });

  test('a client that lists by updated_since during the saves misses nothing', async () => {
    const first = Array.from({ length: 300 }, () => incoming());
    await proxy.call('saveResponses', { responses: first });
    const corrections = first.map(({ response_id }) => incoming({ response_id, at: '2026-09-02T00:00:00Z' }));
    const singles = Array.from({ length: 120 }, () => [incoming()]);

    let isSaving = true;
    const saving = saveAtOnce([corrections, ...singles]).finally(() => {
      isSaving = false;
    });
    const seen = new Map<string, number>();
    for (let since = '2020-01-01T00:00:00.000Z', isLast = false; !isLast;) {
      // Calls to SQLite do not yield, but the processes' messages need a turn of the event loop.
      await setImmediate();
      isLast = !isSaving;
      for (const each of await listSince(proxy, since)) {
        seen.set(each.response_id, each.revision);
        since = each.saved_at;
      }
    }
    await saving;

    expect([...first, ...singles.flat()].filter(({ response_id: id }) => !seen.has(id))).toEqual([]);
    expect(corrections.filter(({ response_id: id }) => seen.get(id) !== 2)).toEqual([]);
  });
});

/** The responses that changed at or after the time `since`, from all pages. */
async function listSince(proxy: InProcessProxy, since: string): Promise<StoredRevision[]> {
  const found: StoredRevision[] = [];
  let after: ListPosition | undefined;
  do {
    const { items, next } = await proxy.call('listResponses', { updated_since: since, after, limit: 200 });
    found.push(...items);
    after = next ?? undefined;
  } while (after !== undefined);
  return found;
}

const START = '2020-01-01T00:00:00.000Z';
const now = () => new Date().toISOString();
const idsOf = (responses: readonly { response_id: string }[]) => responses.map((each) => each.response_id);

describeOnServers('a client that lists by updated_since', (kind) => {
  let proxy: InProcessProxy;
  let other: Database;
  beforeEach(async () => {
    proxy = await InProcessProxy.start(kind);
    other = openDatabase(proxy.url);
  });
  afterEach(async () => {
    await other.close();
    await proxy.stop();
  });

  test('stops before an open batch, and does not wait for it', async () => {
    const [stored, corrected, created, single] = [incoming(), incoming(), incoming(), incoming()];
    await proxy.call('saveResponses', { responses: [stored, corrected] });
    const batch = await other.db.startTransaction().execute();
    const time = now();
    const correction = incoming({ response_id: corrected.response_id, at: '2026-09-02T00:00:00Z' });
    await replaceRevision(batch, { incoming: correction, revision: 2 }, time);
    await insertResponses(batch, [{ incoming: created, revision: 1 }], time);
    await proxy.call('saveResponses', { responses: [single] });

    const meanwhile = await listSince(proxy, START);
    await batch.commit().execute();
    const afterwards = await listSince(proxy, START);

    expect(idsOf(meanwhile)).toEqual(idsOf([stored, corrected]));
    expect(idsOf(afterwards)).toEqual(idsOf([stored, corrected, created, single]));
  });
});

describe('a client that lists by updated_since on sqlite', () => {
  let proxy: InProcessProxy;
  beforeEach(async () => {
    proxy = await InProcessProxy.start('sqlite');
  });
  afterEach(() => proxy.stop());

  test('finds a save that waited for the write lock, after the responses that were saved meanwhile', async () => {
    const [first, waiting] = [incoming(), incoming()];
    const transaction = await proxy.database.db.startTransaction().execute();
    const saving = proxy.call('saveResponses', { responses: [waiting] });
    await setImmediate();
    const began = now();
    while (now() === began);
    await insertResponses(transaction, [{ incoming: first, revision: 1 }], now());
    await transaction.commit().execute();
    await saving;

    expect(idsOf(await listSince(proxy, START))).toEqual(idsOf([first, waiting]));
  });
});

/** The items in another order, which is the same in every run. */
function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item, index) => ({ item, place: (index * 7919 + 13) % 1009 }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
