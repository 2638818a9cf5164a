import type { PendingEvent } from '../contract.ts';
import { follow, isOpen, type ResponseQuality } from './response-quality.ts';
import { Tally } from './tally.ts';

const START = Date.parse('2026-09-01T06:00:00.000Z');
const HOUR_MS = 3_600_000;

/** The events of one response, an hour apart. */
function history(...changes: Partial<PendingEvent>[]): PendingEvent[] {
  return changes.map((change, index) => ({
    event_id: index + 1,
    type: change.flags === undefined ? 'accepted' : 'flagged',
    response_id: 'response-1',
    revision: index + 1,
    form_id: 'wells',
    user_id: 'amina',
    flags: [],
    occurred_at: new Date(START + index * HOUR_MS).toISOString(),
    ...change,
  }));
}

const broken = (...rules: string[]) => ({
  flags: rules.map((rule) => ({ rule, message: 'Ask again.', questions: [] })),
});

function reviewed(action: 'approve' | 'return' | 'reject' | 'assign', change: { revision: number; assignee?: string }) {
  const status = { approve: 'approved', return: 'returned', reject: 'rejected', assign: 'flagged' } as const;
  const { revision, ...assignment } = change;
  const review = { review_id: 'r', action, status: status[action], text: null, author: 'Manager', ...assignment };
  return { type: 'reviewed' as const, revision, review };
}

function after(...changes: Partial<PendingEvent>[]): ResponseQuality | undefined {
  return history(...changes).reduce(follow, undefined);
}

/** The sums of this kind after these events. */
function sums(kind: string, ...changes: Partial<PendingEvent>[]) {
  const tally = new Tally();
  const quality = after(...changes);
  if (quality !== undefined) tally.count(quality, 1);
  return tally
    .changes()
    .filter(({ key }) => key.kind === kind)
    .map(({ key, figures, times }) => ({ name: key.name, ...figures, times: times.size }));
}

describe('a response in the quality figures', () => {
  test('passes if its first revision has no flags', () => {
    expect(sums('collector', {})).toMatchObject([{ name: 'amina', responses: 1, first_flagged: 0, flags: 0 }]);
  });

  test('has the flags of the first revision that breaks a rule, not those of later revisions', () => {
    expect(sums('day', broken('Rule1', 'Rule1'), broken('Rule1'), {})).toMatchObject([
      { responses: 1, first_flagged: 1, flagged: 1, flags: 2, corrected: 1, still_open: 0 },
    ]);
  });

  test('has the flags of both rules if a correction breaks another rule, and the first rule counts as corrected', () => {
    expect(sums('rule', broken('Rule1'), broken('Rule2'))).toMatchObject([
      { name: 'Rule1', first_flagged: 1, flags: 1, corrected: 1, still_open: 0 },
      { name: 'Rule2', first_flagged: 0, flags: 1, corrected: 0, still_open: 1 },
    ]);
  });

  test('is open if a re-judge flags it, but the flags do not count as errors of the collector', () => {
    expect(sums('collector', {}, { ...broken('Rule1'), rejudged: true })).toMatchObject([
      { responses: 1, first_flagged: 0, flagged: 0, flags: 0, still_open: 1 },
    ]);
  });

  test('does not count as corrected if a re-judge removes the flags', () => {
    expect(sums('day', broken('Rule1'), { rejudged: true })).toMatchObject([{ flagged: 1, corrected: 0, times: 0 }]);
  });

  test('counts as corrected if it is approved, not if it is rejected', () => {
    expect(sums('day', broken('Rule1'), reviewed('approve', { revision: 1 }))).toMatchObject([
      { corrected: 1, still_open: 0 },
    ]);
    expect(sums('day', broken('Rule1'), reviewed('reject', { revision: 1 }))).toMatchObject([
      { corrected: 0, still_open: 0 },
    ]);
  });

  test('is open after a return until its collector acts', () => {
    const returned = [{}, reviewed('return', { revision: 1 })];

    expect(sums('day', ...returned)).toMatchObject([{ returned: 1, flagged: 0, still_open: 1 }]);
    expect(sums('day', ...returned, { revision: 2 })).toMatchObject([{ returned: 1, still_open: 0 }]);
  });

  test('keeps its figures in a re-judge after a manager approved it', () => {
    const approved = after(broken('Rule1'), reviewed('approve', { revision: 1 }));
    const rejudged = after(broken('Rule1'), reviewed('approve', { revision: 1 }), {
      ...broken('Rule2'),
      rejudged: true,
    });

    expect(rejudged).toEqual(approved);
  });

  test('counts as open for its new collector after an assignment; its other figures stay with the first collector', () => {
    const given = [broken('Rule1'), reviewed('assign', { revision: 1, assignee: 'ben' })];

    expect(sums('collector', ...given)).toMatchObject([
      { name: 'amina', responses: 1, first_flagged: 1, still_open: 0 },
      { name: 'ben', responses: 0, first_flagged: 0, still_open: 1 },
    ]);
    expect(after(...given, { ...broken('Rule1'), user_id: 'manager' })).toMatchObject({ owner: 'ben' });
  });

  test('is open if it lacks a file, but the missing file is not an error of the answers', () => {
    const [figures] = sums('day', broken('MissingAttachment'));

    expect(figures).toMatchObject({ first_flagged: 0, flagged: 0, flags: 0, still_open: 1 });
    expect(sums('day', broken('MissingAttachment'), {})).toMatchObject([{ corrected: 0, times: 0, still_open: 0 }]);
  });

  test('is not counted if it is erased, or if its first event is unknown', () => {
    expect(after(broken('Rule1'), { type: 'erased' })).toBeUndefined();
    expect(after({ revision: 2 })).toBeUndefined();
    expect(after(reviewed('approve', { revision: 1 }))).toBeUndefined();
  });

  test('counts on the UTC day of its arrival, not of its correction', () => {
    const quality = after({ ...broken('Rule1'), occurred_at: '2026-08-31T23:59:59.999Z' }, {});

    expect(quality?.day).toBe('2026-08-31');
    expect(quality !== undefined && isOpen(quality)).toBe(false);
  });
});
