/** The maintained figures equal the figures of a scan of the tables, whatever happened to the responses. */
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { databaseKinds } from '../../tests/support/databases.ts';
import { InProcessProxy } from '../../tests/support/in-process-proxy.ts';
import { scanQuality } from '../../tests/support/quality-scan.ts';
import { incoming } from '../../tests/support/responses.ts';
import { incomingReview } from '../../tests/support/reviews.ts';
import { runs } from '../../tests/support/thorough.ts';
import { EVER, QUALITY_KEYS, type StandingStatus } from '../contract.ts';
import { REVIEW_ACTIONS } from '../outbox/contract.ts';

const RULES = ['Rule1', 'a "quoted" \\ rule', 'MissingAttachment'];
const FORM = 'household_finances';
const FORMS = [FORM, 'wells'];
const RESPONSES = 6;
const START = Date.parse('2026-08-29T22:00:00.000Z');
const OPEN_STATUSES = ['flagged', 'returned'] as const;
const SINCE = [undefined, '2026-08-30', '2026-08-31', '2026-09-01', '2027-01-01'];

/** Only Date is faked: database drivers need the real timers. */
const REAL = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] satisfies FakeTimersConfig['doNotFake'];

const which = fc.nat(RESPONSES - 1);
const rules = fc.array(fc.constantFrom(...RULES), { maxLength: 3 });
const minutes = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3_000 }));
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('save' as const), which, minutes, rules, by: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rejudge' as const), which, minutes, rules }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('review' as const),
      which,
      minutes,
      action: fc.constantFrom(...REVIEW_ACTIONS),
      to: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('erase' as const), which, minutes }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), minutes, events: fc.integer({ min: 1, max: 9 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A stored response that is not erased. */
interface Standing {
  revision: number;
  status: StandingStatus;
}

describe.each(databaseKinds)('quality figures on %s', (kind) => {
  let proxy: InProcessProxy;
  let now: number;
  let rejudged: Map<string, Set<number>>;
  beforeAll(async () => {
    proxy = await InProcessProxy.start(kind);
    for (const form of FORMS) await proxy.call('putForm', { form_id: form, definition: { title: form } });
  });
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: REAL });
  });
  afterEach(() => jest.useRealTimers());
  afterAll(() => proxy.stop());

  const responseOf = (number: number) => ({
    response_id: `response-${number}`,
    form_id: FORMS[number % FORMS.length] ?? FORM,
  });
  const flagsOf = (broken: readonly string[]) =>
    broken.map((rule) => ({ rule, message: rule, questions: [], values: {} }));

  async function startAnew(): Promise<void> {
    const { db } = proxy.database;
    now = START;
    rejudged = new Map();
    for (const table of [
      'responses',
      'response_revisions',
      'response_events',
      'reviews',
      'quality_responses',
      'quality_figures',
      'leases',
      'task_follow_ups',
      'rejudges',
    ] as const) {
      await db.deleteFrom(table).execute();
    }
  }

  async function publish(limit: number): Promise<number> {
    const claim = { holder: 'publisher-1', lease_seconds: 60, limit, waiting: [] };
    const { events } = await proxy.call('claimResponseEvents', { ...claim, published: [] });
    await proxy.call('claimResponseEvents', { ...claim, published: events.map((event) => event.event_id) });
    return events.length;
  }

  const publishAll = async (): Promise<void> => {
    while ((await publish(7)) > 0);
  };

  /** Takes a step at `now`, unless it is impossible for the response. */
  async function take(next: Step): Promise<void> {
    now += next.minutes * 60_000 + 1;
    jest.setSystemTime(now);
    if (next.kind === 'publish') return void (await publish(next.events));
    const { response_id: id, form_id: formId } = responseOf(next.which);
    const stored = await proxy.database.db
      .selectFrom('responses')
      .select(['revision', 'status'])
      .where('response_id', '=', id)
      .executeTakeFirst();
    const { status } = stored ?? { status: 'accepted' };
    if (status === 'erased') return;
    if (next.kind === 'save') return await save(next, id, formId);
    if (stored === undefined) return;
    if (next.kind === 'rejudge') return await rejudge(next, responseOf(next.which), { ...stored, status });
    if (next.kind === 'review') return await review(next, id, { ...stored, status });
    await proxy.call('eraseResponse', { response_id: id });
  }

  async function save({ rules: broken, by }: Extract<Step, { kind: 'save' }>, id: string, formId: string) {
    const status = broken.length > 0 ? 'flagged' : 'accepted';
    const at = new Date(now).toISOString();
    const user = `collector-${by}`;
    const response = { response_id: id, form_id: formId, user_id: user, status, flags: flagsOf(broken) } as const;
    await proxy.call('saveResponses', { responses: [incoming({ ...response, at })] });
  }

  /** Judges a response by rules that flag other things than before. */
  async function rejudge(
    { rules: broken }: Extract<Step, { kind: 'rejudge' }>,
    { response_id: id, form_id: formId }: ReturnType<typeof responseOf>,
    { revision }: Standing,
  ): Promise<void> {
    const held = { rejudge_id: randomUUID(), holder: 'worker-1' };
    await proxy.call('requestRejudge', { ...held, form_id: formId });
    await proxy.call('claimRejudge', held);
    const judgements = [{ response_id: id, revision, flags: flagsOf(broken) }];
    await proxy.call('saveJudgements', { ...held, judgements, page: { checked: 1, next: null } });
    const { response } = await proxy.call('getResponse', { response_id: id });
    if (response?.revision === revision) return;
    rejudged.set(id, (rejudged.get(id) ?? new Set()).add(revision + 1));
  }

  async function review(
    { action, to }: Extract<Step, { kind: 'review' }>,
    id: string,
    { revision }: Standing,
  ): Promise<void> {
    const text = action === 'return' ? { text: 'Ask again.' } : {};
    const assignment = action === 'assign' ? { assignee: `collector-${to}` } : {};
    const sent = incomingReview({ response_id: id, action, revision, ...text, ...assignment });
    await proxy.call('saveReviews', { reviews: [sent] });
  }

  /** Every reply, and the reply expected from a scan. A median is replaced by whether it is as exact as promised. */
  async function readBoth(): Promise<{ read: unknown[]; scanned: unknown[] }> {
    const both: { read: unknown[]; scanned: unknown[] } = { read: [], scanned: [] };
    for (const form of FORMS) {
      for (const by of QUALITY_KEYS) {
        for (const since of SINCE) {
          const reply = await proxy.call('readQuality', { form_id: form, by, ...(since && { since }) });
          const rows = reply.outcome === 'found' ? reply.rows : [];
          const scan = await scanQuality(proxy.database, form, by, since ?? '', rejudged);
          both.read.push(
            rows.map(({ first_pass_rate: _rate, flags_per_hundred: _flags, ...row }, index) => ({
              ...row,
              median_correction_seconds: isMedian(row.median_correction_seconds, scan[index]?.seconds ?? []),
            })),
          );
          both.scanned.push(scan.map(({ seconds: _seconds, ...row }) => ({ ...row, median_correction_seconds: true })));
        }
      }
    }
    return both;
  }

  /**
   * Every figure for which the list of responses has a filter, and the number of responses in the list with this filter.
   */
  async function readLists(): Promise<{ figures: unknown[]; listed: unknown[] }> {
    const both: { figures: unknown[]; listed: unknown[] } = { figures: [], listed: [] };
    for (const form_id of FORMS) {
      for (const by of ['form', 'rule'] as const) {
        const reply = await proxy.call('readQuality', { form_id, by });
        for (const row of reply.outcome === 'found' ? reply.rows : []) {
          for (const ever of EVER) {
            const filter = { form_id, ever, ...(by === 'rule' && { rule: row.key }) };
            const { count } = await proxy.call('browseResponses', { ...filter, limit: 1, count: true });
            both.figures.push({ ...filter, count: row[ever] });
            both.listed.push({ ...filter, count });
          }
        }
      }
      for (const since of SINCE) {
        const reply = await proxy.call('readQuality', { form_id, by: 'collector', ...(since && { since }) });
        for (const { key, open } of reply.outcome === 'found' ? reply.rows : []) {
          const from = since && `${since}T00:00:00.000Z`;
          const filter = { form_id, user_id: key, statuses: [...OPEN_STATUSES], ...(from && { from }) };
          const { count } = await proxy.call('browseResponses', { ...filter, limit: 1, count: true });
          both.figures.push({ ...filter, count: open });
          both.listed.push({ ...filter, count });
        }
      }
    }
    return both;
  }

  test('equal a scan of the tables, and the list of the responses that they count', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        await startAnew();
        for (const each of steps) await take(each);
        await publishAll();
        const { read, scanned } = await readBoth();
        expect(read).toEqual(scanned);
        const { figures, listed } = await readLists();
        expect(listed).toEqual(figures);
      }),
      runs(60),
    );
  });
});

/** Whether this is the median of the times, within 5 % and a second. */
function isMedian(median: number | null, seconds: readonly number[]): boolean {
  const middle = seconds.toSorted((one, other) => one - other)[Math.ceil(seconds.length / 2) - 1];
  if (middle === undefined || median === null) return middle === undefined && median === null;
  return Math.abs(median - middle) <= middle * 0.05 + 1;
}
