import { findViolations, type ViolationName, type StoredState } from './check.ts';
import { contentOf, Ledger, type Outcome, type Expectation, type Sent } from './ledger.ts';

const ID = 'r-1';

/** A state of the response whose last change was at this hour. */
const at = (hour: number, responseId = ID): Record<string, unknown> => ({
  response_id: responseId,
  last_modified_time: `2026-09-01T${String(hour).padStart(2, '0')}:00:00Z`,
  age: hour,
});

function sent(response: Record<string, unknown>, outcomes: Outcome[], expects: Expectation = 'taken'): Sent {
  const entry = new Ledger().open(response, expects);
  for (const outcome of outcomes) entry[outcome] += 1;
  return entry;
}

const stored = (
  response: Record<string, unknown>,
  table: StoredState['table'],
  revision: number | null,
): StoredState => ({ table, responseId: String(response['response_id']), revision, content: contentOf(response) });
const current = (response: Record<string, unknown>, revision = 1) => stored(response, 'responses', revision);
const past = (response: Record<string, unknown>, revision = 1) => stored(response, 'response_revisions', revision);
const late = (response: Record<string, unknown>) => stored(response, 'late_revisions', null);

/** The violations of a run in which every revision was published. */
function violationsOf(all: Sent[], states: StoredState[]): ViolationName[] {
  const published = states.map(({ responseId, revision }) => ({ responseId, revision: revision ?? 0 }));
  return findViolations({ sent: all, stored: states, published }).map(({ violation }) => violation);
}

describe('A fault run is in order when', () => {
  test('acknowledged states are stored once, the newest last', () => {
    const all = [sent(at(1), ['stored', 'stored']), sent(at(2), ['noReply', 'queued'])];

    expect(violationsOf(all, [past(at(1)), current(at(2), 2)])).toEqual([]);
  });

  test('an acknowledged state that came too late is a late revision', () => {
    const all = [sent(at(2), ['stored']), sent(at(1), ['queued'], 'either')];

    expect(violationsOf(all, [current(at(2)), late(at(1))])).toEqual([]);
  });

  test('refused states are not stored', () => {
    const all = [sent(at(2), ['stored']), sent(at(1), ['refused'], 'either'), sent(at(3), ['refused'], 'refused')];

    expect(violationsOf(all, [current(at(2))])).toEqual([]);
  });

  test.each([
    ['stored', [late(at(1))]],
    ['not stored', []],
  ])('a state that was refused after a try without a reply is %s', (_outcome, states) => {
    const all = [sent(at(2), ['stored']), sent(at(1), ['noReply', 'refused'], 'either')];

    expect(violationsOf(all, [current(at(2)), ...states])).toEqual([]);
  });

  test('a second device sends another synced_time', () => {
    const all = [sent({ ...at(1), synced_time: 'first' }, ['stored'])];

    expect(violationsOf(all, [current({ ...at(1), synced_time: 'second' })])).toEqual([]);
  });
});

describe('The check finds a response that', () => {
  test.each(['stored', 'queued'] as const)('was acknowledged as %s and is lost', (outcome) => {
    expect(violationsOf([sent(at(1), [outcome])], [])).toEqual(['lost']);
  });

  test('has lost an earlier state', () => {
    const all = [sent(at(1), ['stored']), sent(at(2), ['stored'])];

    expect(violationsOf(all, [current(at(2))])).toEqual(['lost']);
  });

  test('is stored twice', () => {
    expect(violationsOf([sent(at(1), ['stored'])], [current(at(1)), current(at(1))])).toContain('doubled');
  });

  test.each([
    ['among the revisions', [past(at(1), 1), past(at(1), 2), current(at(2), 3)]],
    ['among the late revisions', [past(at(1)), late(at(1)), current(at(2), 2)]],
  ])('has a state twice %s', (_where, states) => {
    expect(violationsOf([sent(at(1), ['stored']), sent(at(2), ['stored'])], states)).toContain('doubled');
  });

  test('has a current revision that is older than the newest acknowledged state', () => {
    const all = [sent(at(1), ['stored']), sent(at(2), ['queued'])];

    expect(violationsOf(all, [current(at(1)), late(at(2))])).toEqual(['wrongRevision']);
    expect(violationsOf(all, [past(at(2)), current(at(1), 2)])).toEqual(['wrongRevision']);
    expect(violationsOf(all, [current(at(1))])).toEqual(['lost', 'wrongRevision']);
  });

  test('lacks a revision number, or has a history without a current revision', () => {
    const all = [sent(at(1), ['stored']), sent(at(2), ['stored'])];

    expect(violationsOf(all, [past(at(1), 1), current(at(2), 3)])).toEqual(['wrongRevision']);
    expect(violationsOf(all, [past(at(1), 1), past(at(2), 2)])).toEqual(['wrongRevision']);
  });

  test('is stored though it was refused', () => {
    expect(violationsOf([sent(at(1), ['refused'], 'either')], [current(at(1))])).toEqual(['storedThoughRefused']);
  });

  test('is stored though it is invalid, even after a try without a reply', () => {
    const all = [sent(at(1), ['noReply', 'refused'], 'refused')];

    expect(violationsOf(all, [current(at(1))])).toEqual(['storedThoughRefused']);
  });

  test('was acknowledged though it is invalid, or refused though it is valid', () => {
    expect(violationsOf([sent(at(1), ['queued'], 'refused')], [])).toEqual(['acknowledgedThoughInvalid', 'lost']);
    expect(violationsOf([sent(at(1), ['refused'])], [])).toEqual(['refusedThoughValid']);
  });

  test('was never sent, or was sent with other content', () => {
    expect(violationsOf([], [current(at(1))])).toEqual(['neverSent']);
    expect(violationsOf([sent(at(1), ['stored'])], [current({ ...at(1), age: 99 })])).toEqual(
      expect.arrayContaining(['lost', 'neverSent']),
    );
  });

  test('was neither acknowledged nor refused', () => {
    expect(violationsOf([sent(at(1), ['noReply'])], [])).toEqual(['unresolved']);
  });

  test('was not published', () => {
    const evidence = {
      sent: [sent(at(1), ['stored']), sent(at(2), ['stored'])],
      stored: [past(at(1)), current(at(2), 2)],
      published: [{ responseId: ID, revision: 2 }],
    };

    expect(findViolations(evidence)).toEqual([{ violation: 'notPublished', responseId: ID }]);
  });

  test('is faulty, although another response is in order', () => {
    const all = [sent(at(1), ['stored']), sent(at(1, 'r-2'), ['stored'])];

    expect(
      findViolations({ sent: all, stored: [current(at(1))], published: [{ responseId: ID, revision: 1 }] }),
    ).toEqual([{ violation: 'lost', responseId: 'r-2' }]);
  });
});
