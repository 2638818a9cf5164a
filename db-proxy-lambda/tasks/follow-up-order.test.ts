import { decideFollowUp } from './follow-up-order.ts';

const unseen = { revision: undefined, review_id: null, hasTask: false };
const followed = { revision: 3, review_id: null, hasTask: true };
const deleted = { revision: 3, review_id: null, hasTask: false };

describe('The effect of a revision on its task', () => {
  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'APPROVED'],
    ['accepted', 'nothing'],
  ] as const)('if the response has no task yet: %s -> %s', (type, decision) => {
    expect(decideFollowUp(unseen, { revision: 1, type }, undefined)).toBe(decision);
  });

  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'APPROVED'],
    ['accepted', 'APPROVED'],
  ] as const)('if it is newer than the last followed-up revision: %s -> %s', (type, decision) => {
    expect(decideFollowUp(followed, { revision: 4, type }, undefined)).toBe(decision);
  });

  it.each([
    ['flagged', 'IN_REVIEW'],
    ['corrected', 'remember'],
    ['accepted', 'remember'],
  ] as const)('if it is newer and the task was deleted: %s -> %s', (type, decision) => {
    expect(decideFollowUp(deleted, { revision: 4, type }, undefined)).toBe(decision);
  });

  it.each(['flagged', 'corrected', 'accepted'] as const)('if it is not newer: %s -> nothing', (type) => {
    for (const stored of [followed, deleted]) {
      for (const revision of [1, 2, 3]) expect(decideFollowUp(stored, { revision, type }, undefined)).toBe('nothing');
    }
  });
});

describe('The effect of a decision on its task', () => {
  const current = { decision: 'returned', review_id: 'review-2', revision: 3 } as const;

  it.each([
    ['the current one', { type: 'returned', review_id: 'review-2' }, 'IN_REVIEW'],
    ['an earlier one of the same kind', { type: 'returned', review_id: 'review-1' }, 'nothing'],
    ['an earlier one of another kind', { type: 'approved', review_id: 'review-1' }, 'nothing'],
    ['one of a Lambda of an earlier release, which sends no id', { type: 'returned' }, 'IN_REVIEW'],
  ] as const)('%s: %j -> %s', (_, event, effect) => {
    for (const stored of [unseen, followed, deleted]) {
      expect(decideFollowUp(stored, { revision: 3, ...event }, current)).toBe(effect);
      expect(decideFollowUp({ ...stored, review_id: 'review-2' }, { revision: 3, ...event }, current)).toBe('nothing');
    }
  });

  it.each(['approved', 'rejected'] as const)('is only remembered if there is no task: %s', (decision) => {
    const event = { revision: 3, type: decision, review_id: 'review-2' };
    expect(decideFollowUp(deleted, event, { ...current, decision })).toBe('remember');
  });

  it('stays when a re-judge makes a later revision', () => {
    for (const type of ['flagged', 'corrected', 'accepted'] as const) {
      expect(decideFollowUp(followed, { revision: 4, type }, current)).toBe('remember');
    }
  });
});
