import { decideFollowUp } from './follow-up-order.ts';

const unseen = { revision: undefined, decision: null, hasTask: false };
const followed = { revision: 3, decision: null, hasTask: true };
const deleted = { revision: 3, decision: null, hasTask: false };

describe('The effect of a revision on its task', () => {
  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'APPROVED'],
    ['accepted', 'nothing'],
  ] as const)('if the response has no task yet: %s -> %s', (type, decision) => {
    expect(decideFollowUp(unseen, { revision: 1, type, decision: null })).toBe(decision);
  });

  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'APPROVED'],
    ['accepted', 'APPROVED'],
  ] as const)('if it is newer than the last followed-up revision: %s -> %s', (type, decision) => {
    expect(decideFollowUp(followed, { revision: 4, type, decision: null })).toBe(decision);
  });

  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'remember'],
    ['accepted', 'remember'],
  ] as const)('if it is newer and the task was deleted: %s -> %s', (type, decision) => {
    expect(decideFollowUp(deleted, { revision: 4, type, decision: null })).toBe(decision);
  });

  it.each(['flagged', 'corrected', 'accepted'] as const)('if it is not newer: %s -> nothing', (type) => {
    for (const stored of [followed, deleted]) {
      for (const revision of [1, 2, 3])
        expect(decideFollowUp(stored, { revision, type, decision: null })).toBe('nothing');
    }
  });
});
