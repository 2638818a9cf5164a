/** Two managers and two collectors on one response, in every order, with retries and outages. */
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { readOutbox } from '../../tests/support/outbox.ts';
import { incoming } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { runs, someOf } from '../../tests/support/thorough.ts';
import type { IncomingResponse, IncomingReview, StoredReview, StoredRevision } from '../contract.ts';

const FLAG = { rule: 'Rule1', message: 'Ask again.', questions: ['food'], values: {} };
const START = Date.parse('2026-09-01T06:00:00Z');
const COLLECTORS = ['collector-1', 'collector-2'] as const;
const DECIDED = { approve: true, return: true, reject: true };

type Command = { review: IncomingReview } | { response: IncomingResponse };

/** What one person does. */
interface Step {
  actor: 'manager' | (typeof COLLECTORS)[number];
  action: 'approve' | 'return' | 'reject' | 'assign' | 'comment';
  /** The number of revisions that were stored after the revision that the person has seen. */
  lag: number;
  /** The answers break a rule. */
  flagged: boolean;
  assignee: (typeof COLLECTORS)[number];
  /**
   * `twice`: the reply is lost and the request is repeated. `queued`: the database is unavailable. `race`: at the same
   * time as others.
   */
  delivery: 'once' | 'twice' | 'queued' | 'race';
}

const step: fc.Arbitrary<Step> = fc.record({
  actor: fc.constantFrom('manager', 'manager', ...COLLECTORS),
  action: fc.constantFrom('approve', 'return', 'reject', 'assign', 'comment'),
  lag: fc.constantFrom(0, 0, 0, 1),
  flagged: fc.boolean(),
  assignee: fc.constantFrom(...COLLECTORS),
  delivery: fc.constantFrom('once', 'once', 'twice', 'queued', 'race'),
});

/** One run: the people's requests, the acknowledged requests, and the queued messages. */
class Run {
  readonly responseId = `response-${randomUUID()}`;
  readonly #proxy: InProcessProxy;
  readonly #acknowledged: Command[] = [];
  readonly #refused: Command[] = [];
  readonly #queue: Command[] = [];
  readonly #racing: Command[] = [];
  #clock = 0;

  constructor(proxy: InProcessProxy) {
    this.#proxy = proxy;
  }

  async start(): Promise<void> {
    await this.deliver({ response: this.#answers('collector-1', true) }, 'once');
  }

  /** Makes the command of a step, from what the person sees now. */
  async commandOf({ actor, action, lag, flagged, assignee }: Step): Promise<Command> {
    const { response } = await this.#proxy.call('getResponse', { response_id: this.responseId });
    const revision = Math.max(1, (response?.revision ?? 1) - lag);
    if (actor !== 'manager') {
      return action === 'comment'
        ? { review: this.#review({ action, text: 'Seen.', only_of: actor }) }
        : { response: this.#answers(actor, flagged) };
    }
    if (action === 'assign') return { review: this.#review({ action, assignee }) };
    return { review: this.#review({ action, text: 'As agreed.', revision }) };
  }

  async deliver(command: Command, delivery: Step['delivery']): Promise<void> {
    if (delivery !== 'race') await this.race();
    if (delivery === 'queued') this.#queue.push(command);
    else if (delivery === 'race') this.#racing.push(command);
    else {
      this.#note(command, await this.#send(command));
      if (delivery === 'twice') await this.#send(command);
    }
  }

  /** Sends the waiting commands at the same time. */
  async race(): Promise<void> {
    const commands = this.#racing.splice(0);
    await Promise.all(commands.map(async (command) => this.#note(command, await this.#send(command))));
  }

  /** The database is back: the queue delivers in any order, and some messages twice. */
  async drain(order: readonly number[]): Promise<void> {
    const messages = this.#queue.splice(0);
    const sorted = messages
      .map((command, index) => ({ command, rank: order[index % Math.max(1, order.length)] ?? 0 }))
      .toSorted((one, other) => one.rank - other.rank)
      .map(({ command }) => command);
    for (const command of [...sorted, ...sorted.slice(0, 2)]) await this.#send(command, true);
    this.#acknowledged.push(...messages);
  }

  #note(command: Command, outcome: string): void {
    const isTaken = ['created', 'updated', 'unchanged'].includes(outcome);
    (isTaken ? this.#acknowledged : this.#refused).push(command);
  }

  async #send(command: Command, late?: true): Promise<string> {
    const terms = late && { late };
    if ('review' in command) {
      const { results } = await this.#proxy.call('saveReviews', { reviews: [command.review], ...terms });
      return results[0]?.outcome ?? '';
    }
    const { results } = await this.#proxy.call('saveResponses', { responses: [command.response], ...terms });
    return results[0]?.outcome ?? '';
  }

  #now(): string {
    this.#clock += 1;
    return new Date(START + this.#clock * 1_000).toISOString();
  }

  #review(changes: Partial<IncomingReview> & Pick<IncomingReview, 'action'>): IncomingReview {
    return incomingReview({ response_id: this.responseId, sent_at: this.#now(), ...changes });
  }

  #answers(userId: string, flagged: boolean): IncomingResponse {
    const at = this.#now();
    return incoming({
      response_id: this.responseId,
      user_id: userId,
      only_of: userId,
      at,
      response: { answer: at },
      status: flagged ? 'flagged' : 'accepted',
      flags: flagged ? [FLAG] : [],
    });
  }

  /** What is stored, and what must be stored: nothing is lost or doubled, and the history explains the response's state. */
  async outcome(): Promise<{ actual: Summary; expected: Summary }> {
    const id = { response_id: this.responseId };
    const { response } = await this.#proxy.call('getResponse', id);
    const { items: revisions } = await this.#proxy.call('listRevisions', { ...id, after_revision: 0 });
    const { items: late } = await this.#proxy.call('listLateRevisions', id);
    const found = await this.#proxy.call('listReviews', { ...id, limit: 100 });
    const reviews = found.outcome === 'found' ? found.items : [];
    const listed = reviews.map((each) => each.review_id);
    const applied = reviews.filter((each) => each.applied);
    const decisions = applied.filter((each) => each.action !== 'comment');
    const { events, audited } = await this.#readFollowers();
    const sent = this.#acknowledged.flatMap((each) => ('response' in each ? [each.response.response['answer']] : []));
    // A collector's comment about a response that is no longer theirs is refused, queued or not.
    const said = this.#acknowledged.flatMap((each) =>
      'review' in each && each.review.only_of === undefined ? [each.review.review_id] : [],
    );
    const refused = this.#refused.flatMap((each) => ('review' in each ? [each.review.review_id] : []));
    const reviewedRevisions = decisions.map((each) => each.revision);
    return {
      actual: {
        answers: inOrder([...revisions, ...late].map((each) => each.response['answer'])),
        lost: said.filter((each) => !listed.includes(each)),
        doubled: listed.length - new Set(listed).size,
        listedThoughRefused: listed.filter((each) => refused.includes(each)),
        numbers: revisions.map((each) => each.revision),
        reviewedRevisions,
        statuses: revisions.map((each) => each.status),
        overtaken: overtakenOf(response, reviews),
        owner: response?.user_id,
        toldRevisions: events.filter(({ type }) => type !== 'reviewed').map(({ revision }) => revision),
        toldReviews: events.flatMap(({ review }) => review?.review_id ?? []),
        audited,
      },
      expected: {
        answers: inOrder(sent),
        lost: [],
        doubled: 0,
        listedThoughRefused: [],
        numbers: revisions.map((_, index) => index + 1),
        reviewedRevisions: reviewedRevisions.toSorted((one, other) => one - other),
        statuses: revisions.map((each) => statusOf(each, decisions)),
        overtaken: [],
        owner: decisions.findLast(({ action }) => action === 'assign')?.assignee ?? 'collector-1',
        toldRevisions: revisions.map((each) => each.revision),
        toldReviews: applied.map((each) => each.review_id),
        audited: reviews.length,
      },
    };
  }

  /** The events and the number of audited reviews of the response. Deletes all events. */
  async #readFollowers() {
    const events = (await readOutbox(this.#proxy)).filter((each) => each.response_id === this.responseId);
    const { items } = await this.#proxy.call('listAuditEvents', { action: 'response_reviewed', limit: 100 });
    for (const table of ['response_events', 'audit_events'] as const) {
      await this.#proxy.database.db.deleteFrom(table).execute();
    }
    return { events, audited: items.filter((each) => each.subject_id === this.responseId).length };
  }
}

interface Summary {
  answers: string[];
  lost: string[];
  doubled: number;
  listedThoughRefused: string[];
  numbers: number[];
  /** A decision is never applied to a revision that was replaced before. */
  reviewedRevisions: number[];
  statuses: string[];
  /** Decisions about the last revision that were not applied, although no applied decision was sent later. */
  overtaken: string[];
  owner: string | undefined;
  toldRevisions: number[];
  toldReviews: string[];
  audited: number;
}

function inOrder(answers: readonly unknown[]): string[] {
  return answers.map(String).toSorted((one, other) => (one < other ? -1 : 1));
}

/** The status of a revision: that of its last decision, or else as it was judged. */
function statusOf({ revision, flags }: StoredRevision, decisions: readonly StoredReview[]): string {
  const last = decisions.findLast((each) => each.revision === revision && each.action !== 'assign');
  if (last !== undefined) return last.status;
  return flags.length > 0 ? 'flagged' : 'accepted';
}

function overtakenOf(response: StoredRevision | null, reviews: readonly StoredReview[]): string[] {
  const own = reviews.filter((each) => each.revision === response?.revision && each.action in DECIDED);
  const last = own.findLast((each) => each.applied)?.created_at ?? '';
  return own.filter((each) => !each.applied && each.created_at >= last).map((each) => each.review_id);
}

function permutations<T>(things: readonly T[]): T[][] {
  if (things.length <= 1) return [[...things]];
  return things.flatMap((thing, index) => permutations(things.toSpliced(index, 1)).map((rest) => [thing, ...rest]));
}

describe.each(databaseKinds)('two managers and two collectors on one response, on %s:', (kind) => {
  let proxy: InProcessProxy;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
  });
  afterAll(() => proxy.stop());

  const common = { lag: 0, flagged: true, assignee: 'collector-2' } as const;
  const STEPS = [
    { ...common, actor: 'manager', action: 'approve' },
    { ...common, actor: 'manager', action: 'return' },
    { ...common, actor: 'manager', action: 'assign' },
    { ...common, actor: 'collector-1', action: 'approve' },
    { ...common, actor: 'collector-2', action: 'approve' },
  ] as const;

  const orders = someOf(permutations(STEPS));

  test.each(['once', 'twice', 'queued'] as const)(
    'nothing is lost or doubled in any order of their requests, each delivered %s',
    async (delivery) => {
      for (const order of orders) {
        const run = new Run(proxy);
        await run.start();
        // All of them have seen the first revision.
        const commands: [Command, Step['delivery']][] = [];
        for (const each of STEPS) commands.push([await run.commandOf({ ...each, delivery }), delivery]);
        const ranked = order.map((each) => commands[STEPS.indexOf(each)]).filter((each) => each !== undefined);
        for (const [command, how] of ranked) await run.deliver(command, how);
        await run.drain([1, 2, 3, 4, 5]);
        const { actual, expected } = await run.outcome();
        expect(actual).toEqual(expected);
      }
    },
  );

  test('nothing is lost or doubled with retries, races, and outages in between', async () => {
    const plan = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 14 }),
      drainAfter: fc.nat(14),
      order: fc.array(fc.nat(100), { minLength: 1, maxLength: 14 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ steps, drainAfter, order }) => {
        const run = new Run(proxy);
        await run.start();
        for (const [index, each] of steps.entries()) {
          if (index === drainAfter) await run.drain(order);
          await run.deliver(await run.commandOf(each), each.delivery);
        }
        await run.race();
        await run.drain(order.toReversed());
        const { actual, expected } = await run.outcome();
        expect(actual).toEqual(expected);
      }),
      runs(200),
    );
  });
});
