/** For any order and repetition of arrivals, the newest revision wins, and no acknowledged revision is lost. */
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { IncomingResponse, SaveOutcome } from '../../db-proxy-lambda/contract.ts';
import { databaseKinds } from '../support/databases.ts';
import { InProcessProxy } from '../support/in-process-proxy.ts';
import { incoming } from '../support/responses.ts';
import { runs } from '../support/thorough.ts';

/** A state of a response: its time, in steps, and its content. */
interface State {
  step: number;
  content: number;
}

const state = fc.record({ step: fc.nat(4), content: fc.nat(2) });
const sending = fc.record({ state: fc.nat(5), late: fc.boolean(), together: fc.boolean() });

/** The same instant written in one of several ways. */
function timeOf({ step, content }: State): string {
  const second = String(step).padStart(2, '0');
  return (
    [`2026-09-01T06:00:${second}Z`, `2026-09-01T09:00:${second}.0+03:00`, `2026-09-01T05:00:${second}-01:00`][
      content
    ] ?? ''
  );
}

/** A model of one response: the outcomes, the history and the late revisions to expect. */
class Model {
  readonly history: State[] = [];
  readonly aside: State[] = [];

  take(next: State, late: boolean): SaveOutcome['outcome'] {
    const last = this.history.at(-1);
    if (last === undefined) return this.#write(next, 'created');
    if (isSame(last, next)) return 'unchanged';
    if (next.step > last.step) return this.#write(next, 'updated');
    if (!late) return next.step < last.step ? 'stale' : 'conflict';
    if (![...this.history, ...this.aside].some((each) => isSame(each, next))) this.aside.push(next);
    return 'kept';
  }

  #write(next: State, outcome: 'created' | 'updated'): SaveOutcome['outcome'] {
    this.history.push(next);
    return outcome;
  }
}

const isSame = (one: State, other: State): boolean => one.step === other.step && one.content === other.content;

describe.each(databaseKinds)('revisions on %s', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());

  const toIncoming = (responseId: string, each: State): IncomingResponse =>
    incoming({ response_id: responseId, at: timeOf(each), response: { state: each } });

  async function save(responses: IncomingResponse[], late: boolean): Promise<string[]> {
    const { results } = await proxy.call('saveResponses', { responses, late });
    return results.map(({ outcome }) => outcome);
  }

  async function stored(responseId: string): Promise<{ history: unknown[]; aside: unknown[] }> {
    const { items: history } = await proxy.call('listRevisions', { response_id: responseId, after_revision: 0 });
    const { items: aside } = await proxy.call('listLateRevisions', { response_id: responseId });
    expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index + 1));
    return {
      history: history.map(({ response }) => response['state']),
      aside: aside.map(({ response }) => response['state']),
    };
  }

  test('are ordered by their times for any order of arrival: repeated, late, single or in batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(state, { minLength: 1, maxLength: 6 }),
        fc.array(sending, { minLength: 1, maxLength: 12 }),
        async (states, sendings) => {
          const responseId = `response-${randomUUID()}`;
          const model = new Model();
          const arrivals = sendings.map(({ state: index, late, together }) => ({
            each: states[index % states.length] ?? { step: 0, content: 0 },
            late,
            together,
          }));

          for (const batch of batchesOf(arrivals)) {
            const late = batch[0]?.late ?? false;
            const expected = batch.map(({ each }) => model.take(each, late));
            const outcomes = await save(
              batch.map(({ each }) => toIncoming(responseId, each)),
              late,
            );
            expect(outcomes).toEqual(expected);
          }

          const { history, aside } = await stored(responseId);
          expect(history).toEqual(model.history);
          expect(new Set(aside.map((each) => JSON.stringify(each)))).toEqual(
            new Set(model.aside.map((each) => JSON.stringify(each))),
          );
          const lastStep = Math.max(...arrivals.map(({ each }) => each.step));
          expect(model.history.at(-1)).toEqual(arrivals.find(({ each }) => each.step === lastStep)?.each);
        },
      ),
      runs(150),
    );
  });

  test('of different times end with the same last revision for any order of arrival', async () => {
    const steps = [0, 1, 2, 3, 4].map((step) => ({ step, content: step % 3 }));
    const orders = fc.tuple(fc.shuffledSubarray([...steps, ...steps], { minLength: 10, maxLength: 10 }), fc.boolean());

    await fc.assert(
      fc.asyncProperty(orders, async ([order, late]) => {
        const responseId = `response-${randomUUID()}`;

        for (const each of order) await save([toIncoming(responseId, each)], late);

        const { history, aside } = await stored(responseId);
        expect(history.at(-1)).toEqual(steps.at(-1));
        // Every acknowledged revision is stored once: in the history or as a late revision.
        expect(late ? history.length + aside.length : steps.length).toBe(steps.length);
      }),
      runs(40),
    );
  });
});

/** Groups neighbours with `together` into batches, in which all or none are late. */
function batchesOf<Arrival extends { late: boolean; together: boolean }>(arrivals: readonly Arrival[]): Arrival[][] {
  const batches: Arrival[][] = [];
  for (const arrival of arrivals) {
    const batch = batches.at(-1);
    if (batch !== undefined && arrival.together && batch[0]?.late === arrival.late) batch.push(arrival);
    else batches.push([arrival]);
  }
  return batches;
}
