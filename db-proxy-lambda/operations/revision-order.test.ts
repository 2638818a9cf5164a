import { incoming } from '../../tests/support/responses.ts';
import type { CurrentState } from '../database/responses.ts';
import { decideOutcome } from './revision-order.ts';

const stored: CurrentState = {
  form_id: 'household_finances',
  revision: 3,
  status: 'flagged',
  last_modified: '2026-09-01T06:00:00.000000000Z',
  last_modified_time: '2026-09-01T09:00:00+03:00',
  content_hash: 'a'.repeat(64),
  flags: '[]',
};
const current = { revision: 3, last_modified_time: '2026-09-01T09:00:00+03:00', status: 'flagged' };
const other = 'b'.repeat(64);

test('what is not stored is created as revision 1', () => {
  expect(decideOutcome(undefined, incoming())).toEqual({ outcome: 'created', revision: 1 });
});

test('one nanosecond later is the next revision', () => {
  const later = incoming({ last_modified: '2026-09-01T06:00:00.000000001Z', content_hash: other });

  expect(decideOutcome(stored, later)).toEqual({ outcome: 'updated', revision: 4 });
});

test('one nanosecond earlier is refused with what is stored', () => {
  const earlier = incoming({ last_modified: '2026-09-01T05:59:59.999999999Z', content_hash: other });

  expect(decideOutcome(stored, earlier)).toEqual({ outcome: 'stale', current });
});

test('the same moment with other content is refused with what is stored', () => {
  const conflicting = incoming({ last_modified: stored.last_modified, content_hash: other });

  expect(decideOutcome(stored, conflicting)).toEqual({ outcome: 'conflict', current });
});

test('the same content is unchanged and answers with the flags that are stored', () => {
  const flags = [{ rule: 'Rule1', message: 'Too much.', questions: ['food'], values: { food: '900' } }];
  const again = incoming({ last_modified: stored.last_modified, content_hash: stored.content_hash });

  const outcome = decideOutcome({ ...stored, flags: JSON.stringify(flags) }, again);

  expect(outcome).toEqual({ outcome: 'unchanged', revision: 3, status: 'flagged', flags });
});

test('an id that another form has taken is refused, whatever its time', () => {
  const elsewhere = incoming({ form_id: 'other_form', last_modified: '2027-01-01T00:00:00.000000000Z' });

  expect(decideOutcome(stored, elsewhere)).toEqual({ outcome: 'other_form', current });
});
