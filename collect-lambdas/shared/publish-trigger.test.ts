import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { createTrigger, type TriggerPublish } from './publish-trigger.ts';

const NOT_THERE = new Error('near secret');

let clock: number;
let queue: { sent: number; refuses: boolean };
let bucket: { markers: number; refuses: boolean };
let logger: RecordingLogger;
let trigger: TriggerPublish;
beforeEach(() => {
  clock = 1_000_000;
  queue = { sent: 0, refuses: false };
  bucket = { markers: 0, refuses: false };
  logger = new RecordingLogger();
  trigger = createTrigger({
    logger,
    send: () => (queue.refuses ? Promise.reject(NOT_THERE) : Promise.resolve(void (queue.sent += 1))),
    mark: async () => !bucket.refuses && (bucket.markers += 1) > 0,
    now: () => clock,
  });
});

async function saveAt(...milliseconds: number[]): Promise<void> {
  for (const after of milliseconds) {
    clock = 1_000_000 + after;
    await trigger();
  }
}

test('one message covers the saves of the next 950 ms', async () => {
  await saveAt(0, 1, 400, 949);
  expect(queue.sent).toBe(1);

  await saveAt(950, 1_000, 5_000);
  expect(queue.sent).toBe(3);
});

test('a save after the clock was set back sends another message', async () => {
  await saveAt(0, -3_600_000);

  expect(queue.sent).toBe(2);
});

test('a marker replaces a message that the queue refuses, and the save succeeds', async () => {
  queue.refuses = true;
  await saveAt(0, 400);

  expect(bucket.markers).toBe(1);
  expect(logger.text).toContain('publisher not triggered');
  expect(logger.text).not.toContain('secret');
});

test('the next save tries again if neither message nor marker could be left', async () => {
  queue.refuses = true;
  bucket.refuses = true;
  await saveAt(0);
  queue.refuses = false;
  await saveAt(1);

  expect(queue.sent).toBe(1);
});
