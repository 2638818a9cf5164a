import { replyTo } from './reply.ts';

const OUTCOMES = ['kept', 'stale', 'conflict', 'older_version', 'other_form', 'closed'] as const;

test('a submission that does not become the current revision is received, and each reason has its own message', () => {
  const replies = OUTCOMES.map((outcome) => replyTo({ outcome, flags: [], remarks: [] }));

  expect(replies.map(({ statusCode }) => statusCode)).toEqual(OUTCOMES.map(() => 201));
  expect(new Set(replies.map(({ body }) => body)).size).toBe(OUTCOMES.length);
  expect(replies[4]?.body).toContain('Received. A response to another form has its id');
});
