import { incoming } from '../../tests/support/responses.ts';
import { replyFor } from './reply.ts';

test("somebody else's response is 403, and nothing is said of what is stored", () => {
  expect(() => replyFor(incoming(), { outcome: 'other_collector' })).toThrow(
    expect.objectContaining({
      kind: 'not-yours',
      body: {
        type: 'urn:collect:problem:not-yours',
        title: 'This belongs to another collector.',
        status: 403,
        detail: 'Send the response under an id of its own.',
      },
    }),
  );
});

test('an erased response is 410, and the app is told to delete it too', () => {
  expect(() => replyFor(incoming(), { outcome: 'erased' })).toThrow(
    expect.objectContaining({ kind: 'erased', body: expect.objectContaining({ status: 410 }) }),
  );
});

test('what was kept as late is no problem of a field app, which never sends anything as late', () => {
  const current = { revision: 1, last_modified_time: '2026-09-01T06:00:00Z', status: 'accepted' } as const;

  expect(() => replyFor(incoming(), { outcome: 'kept', current })).toThrow('Only what is sent as late is kept.');
});
