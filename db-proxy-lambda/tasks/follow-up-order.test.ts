import { decideFollowUp } from './follow-up-order.ts';

const unseen = { revision: undefined, hasTask: false };
const followed = { revision: 3, hasTask: true };
const deleted = { revision: 3, hasTask: false };

describe('What a revision means for its task', () => {
  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'APPROVED'],
    ['accepted', 'nothing'],
  ] as const)('of an unknown response: %s', (type, decision) => {
    expect(decideFollowUp(unseen, { revision: 1, type })).toBe(decision);
  });

  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'APPROVED'],
    ['accepted', 'APPROVED'],
  ] as const)('of a response with a task, newer: %s', (type, decision) => {
    expect(decideFollowUp(followed, { revision: 4, type })).toBe(decision);
  });

  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'remember'],
    ['accepted', 'remember'],
  ] as const)('of a response whose task was deleted, newer: %s', (type, decision) => {
    expect(decideFollowUp(deleted, { revision: 4, type })).toBe(decision);
  });

  it.each(['flagged', 'corrected', 'accepted'] as const)('that is not newer does nothing, when %s', (type) => {
    for (const stored of [followed, deleted]) {
      for (const revision of [1, 2, 3]) expect(decideFollowUp(stored, { revision, type })).toBe('nothing');
    }
  });
});
