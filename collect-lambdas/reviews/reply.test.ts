import { replyFor } from './reply.ts';

test.each([
  [2, 'Your review is about revision 1; revision 2 is stored. Read it, and send the review with its number.'],
  [
    1,
    'A decision about revision 1 that was sent later is stored. Read it; to decide again, send a review with a new key.',
  ],
])('a review of revision 1 that was not applied says why if revision %i is stored', (revision, detail) => {
  const current = { revision, last_modified_time: '2026-09-01T07:00:00Z', status: 'approved' } as const;

  expect(() => replyFor({ outcome: 'stale', revision: 1, current })).toThrow(
    expect.objectContaining({ body: expect.objectContaining({ detail }) }),
  );
});
