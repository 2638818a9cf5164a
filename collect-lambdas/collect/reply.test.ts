import { incoming } from '../../tests/support/responses.ts';
import { replyFor } from './reply.ts';

test("another collector's response is 403, and the reply does not describe it", () => {
  expect(() => replyFor(incoming(), { outcome: 'other_collector' })).toThrow(
    expect.objectContaining({
      kind: 'not-yours',
      body: {
        type: 'urn:collect:problem:not-yours',
        title: 'This belongs to another collector.',
        status: 403,
        detail: 'Send the response under a new response_id.',
      },
    }),
  );
});

test('an erased response is 410, and the reply tells the app to delete it too', () => {
  expect(() => replyFor(incoming(), { outcome: 'erased' })).toThrow(
    expect.objectContaining({ kind: 'erased', body: expect.objectContaining({ status: 410 }) }),
  );
});

test('the outcome `kept` is an internal error, because field apps never send late responses', () => {
  const current = { revision: 1, last_modified_time: '2026-09-01T06:00:00Z', status: 'accepted' } as const;

  expect(() => replyFor(incoming(), { outcome: 'kept', current })).toThrow('The proxy returned `kept`');
});
