import { incoming } from '../../tests/support/responses.ts';
import type { CurrentState } from './queries.ts';
import { decideOutcome } from './revision-order.ts';

const stored: CurrentState = {
  form_id: 'household_finances',
  user_id: 'collector-1',
  revision: 3,
  status: 'flagged',
  last_modified: '2026-09-01T06:00:00.000000000Z',
  last_modified_time: '2026-09-01T09:00:00+03:00',
  content_hash: 'a'.repeat(64),
  assignee: null,
  flags: '[]',
  first_declared: 1,
};
const current = { revision: 3, last_modified_time: '2026-09-01T09:00:00+03:00', status: 'flagged' };
const other = 'b'.repeat(64);

test('a new response is created as revision 1', () => {
  expect(decideOutcome(undefined, incoming())).toEqual({ outcome: 'created', revision: 1 });
});

test('a state one nanosecond later is the next revision', () => {
  const later = incoming({ last_modified: '2026-09-01T06:00:00.000000001Z', content_hash: other });

  expect(decideOutcome(stored, later)).toEqual({ outcome: 'updated', revision: 4 });
});

test('a state one nanosecond earlier is refused, and the stored state is returned', () => {
  const earlier = incoming({ last_modified: '2026-09-01T05:59:59.999999999Z', content_hash: other });

  expect(decideOutcome(stored, earlier)).toEqual({ outcome: 'stale', current });
});

test('the same time with other content is refused, and the stored state is returned', () => {
  const conflicting = incoming({ last_modified: stored.last_modified, content_hash: other });

  expect(decideOutcome(stored, conflicting)).toEqual({ outcome: 'conflict', current });
});

test('the same content is unchanged and returns the stored flags', () => {
  const flags = [{ rule: 'Rule1', message: 'Too much.', questions: ['food'], values: { food: '900' } }];
  const again = incoming({ last_modified: stored.last_modified, content_hash: stored.content_hash });

  const outcome = decideOutcome({ ...stored, flags: JSON.stringify(flags) }, again);

  expect(outcome).toEqual({ outcome: 'unchanged', revision: 3, status: 'flagged', flags });
});

test('an id of another form is refused, whatever its time', () => {
  const elsewhere = incoming({ form_id: 'other_form', last_modified: '2027-01-01T00:00:00.000000000Z' });

  expect(decideOutcome(stored, elsewhere)).toEqual({ outcome: 'other_form', current });
});

describe('a late response', () => {
  const moment = { last_modified: stored.last_modified, content_hash: other };
  test.each([
    ['older', { ...moment, last_modified: '2026-08-01T06:00:00.000000000Z' }],
    ['of the same moment with other content', moment],
    ['of another form', { form_id: 'other_form' }],
    ["another collector's", { only_of: 'collector-2' }],
  ])('that is %s is kept', (_what, changes) => {
    const outcome = decideOutcome(stored, incoming(changes), { late: true });

    expect(outcome).toEqual({ outcome: 'kept', current });
  });

  test('that is newer, equal or new is saved like any other', () => {
    const newer = incoming({ last_modified: '2027-01-01T00:00:00.000000000Z' });
    const same = incoming({ content_hash: stored.content_hash });

    expect(decideOutcome(stored, newer, { late: true })).toEqual({ outcome: 'updated', revision: 4 });
    expect(decideOutcome(stored, same, { late: true })).toMatchObject({ outcome: 'unchanged' });
    expect(decideOutcome(undefined, newer, { late: true })).toEqual({ outcome: 'created', revision: 1 });
  });
});

describe("another collector's response", () => {
  const newer = incoming({ last_modified: '2027-01-01T00:00:00.000000000Z' });

  test('is refused without the stored state, even with the same content', () => {
    for (const each of [newer, incoming({ content_hash: stored.content_hash }), incoming({ form_id: 'crops' })]) {
      expect(decideOutcome(stored, { ...each, only_of: 'collector-2' })).toEqual({ outcome: 'other_collector' });
    }
  });

  test('is recognised by the stored user_id, not by the sent one', () => {
    const handedOver = incoming({ ...newer, user_id: 'collector-2' });

    expect(decideOutcome(stored, { ...handedOver, only_of: 'collector-1' })).toMatchObject({ outcome: 'updated' });
    expect(decideOutcome(stored, { ...handedOver, only_of: 'collector-2' })).toEqual({ outcome: 'other_collector' });
  });
});

test('an erased response stays erased', () => {
  const tombstone: CurrentState = { ...stored, status: 'erased', content_hash: '' };
  const newer = incoming({ last_modified: '9999-12-31T23:59:59.999999999Z', form_id: 'crops' });

  for (const terms of [{}, { late: true }]) {
    expect(decideOutcome(tombstone, newer, terms)).toEqual({ outcome: 'erased' });
    expect(decideOutcome(tombstone, { ...newer, only_of: 'collector-2' }, terms)).toEqual({ outcome: 'erased' });
  }
});

test('a correction that names an earlier version than the first revision is refused, and kept if it is late', () => {
  const first = { ...stored, first_declared: 2 };
  const later = {
    last_modified: '2026-09-01T06:00:00.000000001Z',
    content_hash: other,
    version_declared: true as const,
  };
  const earlier = incoming({ ...later, form_version: 1 });

  expect(decideOutcome(first, earlier)).toEqual({ outcome: 'older_version', current });
  expect(decideOutcome(first, earlier, { late: true })).toEqual({ outcome: 'kept', current });
  expect(decideOutcome(first, { ...earlier, form_version: 2 })).toEqual({ outcome: 'updated', revision: 4 });
  expect(decideOutcome(first, { ...earlier, form_version: 3 })).toEqual({ outcome: 'updated', revision: 4 });
});

test.each([
  ['the correction', 2, undefined],
  ['the first revision', null, true],
] as const)('a correction under an earlier version is saved if %s names no version', (_what, first, declared) => {
  const earlier = incoming({ last_modified: '2026-09-01T06:00:00.000000001Z', content_hash: other, form_version: 1 });

  expect(
    decideOutcome(
      { ...stored, first_declared: first },
      { ...earlier, ...(declared && { version_declared: declared }) },
    ),
  ).toEqual({ outcome: 'updated', revision: 4 });
});

test('a retry of the stored content is unchanged, whatever its form version', () => {
  const retry = incoming({ content_hash: stored.content_hash, form_version: 1 });

  expect(decideOutcome({ ...stored, first_declared: 2 }, retry)).toMatchObject({ outcome: 'unchanged' });
});

describe('a response with `keep`', () => {
  const moment = { last_modified: stored.last_modified, content_hash: other };
  const older = { ...moment, last_modified: '2026-08-01T06:00:00.000000000Z' };

  test.each([
    ['older', older],
    ['of the same moment with other content', moment],
    ['of another form', { ...moment, form_id: 'other_form' }],
  ])('that is %s is kept as a late revision', (_what, changes) => {
    expect(decideOutcome(stored, incoming(changes), { keep: true })).toEqual({ outcome: 'kept', current });
  });

  test('of an earlier version than the first revision is kept as a late revision', () => {
    const later = { last_modified: '2026-09-02T06:00:00.000000000Z', content_hash: other };
    const first = { ...stored, first_declared: 2 };
    const changed = incoming({ ...later, form_version: 1, version_declared: true });

    expect(decideOutcome(first, changed)).toMatchObject({ outcome: 'older_version' });
    expect(decideOutcome(first, changed, { keep: true })).toEqual({ outcome: 'kept', current });
  });

  test('is refused if it belongs to another collector or was erased', () => {
    const foreign = incoming({ ...older, only_of: 'collector-2' });

    expect(decideOutcome(stored, foreign, { keep: true })).toEqual({ outcome: 'other_collector' });
    expect(decideOutcome({ ...stored, status: 'erased' }, incoming(older), { keep: true })).toEqual({
      outcome: 'erased',
    });
  });

  test('is saved even if the form is closed', () => {
    const closed = incoming({ only_correction: true });

    expect(decideOutcome(undefined, closed)).toEqual({ outcome: 'closed' });
    expect(decideOutcome(undefined, closed, { keep: true })).toEqual({ outcome: 'created', revision: 1 });
  });
});
