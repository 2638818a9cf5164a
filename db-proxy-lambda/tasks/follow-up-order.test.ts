import { decideFollowUp } from './follow-up-order.ts';

const unseen = { revision: undefined, hasTask: false };
const followed = { revision: 3, hasTask: true };
const deleted = { revision: 3, hasTask: false };

describe('What a revision means for its task', () => {
  it.each([
    ['flagged', { do: 'open', status: 'IN_REVIEW' }],
    ['corrected', { do: 'open', status: 'APPROVED' }],
    ['accepted', { do: 'nothing' }],
  ] as const)('of an unknown response: %s', (type, decision) => {
    expect(decideFollowUp(unseen, { revision: 1, type })).toEqual(decision);
  });

  it.each([
    ['flagged', { do: 'move', status: 'IN_REVIEW' }],
    ['corrected', { do: 'move', status: 'APPROVED' }],
    ['accepted', { do: 'move', status: 'APPROVED' }],
  ] as const)('of a response with a task, newer: %s', (type, decision) => {
    expect(decideFollowUp(followed, { revision: 4, type })).toEqual(decision);
  });

  it.each([
    ['flagged', { do: 'open', status: 'IN_REVIEW' }],
    ['corrected', { do: 'remember' }],
    ['accepted', { do: 'remember' }],
  ] as const)('of a response whose task was deleted, newer: %s', (type, decision) => {
    expect(decideFollowUp(deleted, { revision: 4, type })).toEqual(decision);
  });

  it.each(['flagged', 'corrected', 'accepted'] as const)('that is not newer does nothing, when %s', (type) => {
    for (const stored of [followed, deleted]) {
      for (const revision of [1, 2, 3]) expect(decideFollowUp(stored, { revision, type })).toEqual({ do: 'nothing' });
    }
  });
});
