import type { SQSRecord } from 'aws-lambda';
import saveEvent from '../../events/write/save.json' with { type: 'json' };
import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { createBackOff } from './backoff.ts';
import type { Postponed } from './message-queue.ts';

const SENT_AT = 1_000_000;
const records = saveEvent.Records.slice(0, 1).flatMap((record): SQSRecord[] =>
  ['first', 'second'].map((id) => ({
    ...record,
    messageId: id,
    receiptHandle: `handle-${id}`,
    attributes: { ...record.attributes, SentTimestamp: String(SENT_AT) },
  })),
);

async function postponedAt(age: number, random: number): Promise<Postponed[]> {
  const postponed: Postponed[] = [];
  const postpone = async (messages: readonly Postponed[]) => void postponed.push(...messages);
  await createBackOff(
    postpone,
    new RecordingLogger(),
    () => SENT_AT + age,
    () => random,
  )(records);
  return postponed;
}

test.each([
  ['a second', 1_000, 2],
  ['a minute', 60_000, 15],
  ['twelve hours', 12 * 3_600_000, 900],
])('a message that is %s old is postponed by a quarter of its age, within limits', async (_name, age, seconds) => {
  expect(await postponedAt(age, 0.5)).toEqual([
    { receiptHandle: 'handle-first', seconds },
    { receiptHandle: 'handle-second', seconds },
  ]);
});

test.each([
  [0, 90],
  [0.999, 110],
])('the pause varies by a tenth: with the random number %d it is %d seconds', async (random, seconds) => {
  expect(await postponedAt(400_000, random)).toMatchObject([{ seconds }, { seconds }]);
});

test('messages that cannot be postponed are left to the queue’s visibility timeout', async () => {
  const logger = new RecordingLogger();

  await createBackOff(() => Promise.reject(new Error('near secret')), logger)(records);

  expect(logger.text).toContain('messages not postponed');
  expect(logger.text).not.toContain('secret');
});

test('the queue is not called without messages', async () => {
  const postpone = jest.fn(() => Promise.resolve());

  await createBackOff(postpone, new RecordingLogger())([]);

  expect(postpone).not.toHaveBeenCalled();
});
