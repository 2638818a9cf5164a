import { RecordingLogger } from '../../tests/support/recording-logger.ts';
import { RecordingQueue } from '../../tests/support/recording-queue.ts';
import { createDeadLetter } from './dead-letter.ts';

describe('dead-lettering a message', () => {
  let queue: RecordingQueue;
  let logger: RecordingLogger;
  beforeEach(() => {
    queue = new RecordingQueue();
    logger = new RecordingLogger();
  });

  const deadLetter = () =>
    createDeadLetter(queue.send, logger)('message-1', ['a', 'b'], 'It is not a response.', {
      response_id: 'response-1',
    });
  const lines = () => logger.lines.map((line): Record<string, unknown> => JSON.parse(line));

  it('sends each body with the reason and logs the ids, but no body', async () => {
    expect(await deadLetter()).toBe(true);

    const attributes = { reason: 'It is not a response.' };
    expect(queue.messages).toEqual([
      { body: 'a', attributes },
      { body: 'b', attributes },
    ]);
    expect(lines()).toMatchObject([
      { message: 'message dead-lettered', messageId: 'message-1', response_id: 'response-1', ...attributes },
    ]);
  });

  it('returns false and logs the ids if the queue refuses', async () => {
    queue.refuses = true;

    expect(await deadLetter()).toBe(false);

    expect(lines()).toMatchObject([
      { message: 'message not dead-lettered', messageId: 'message-1', response_id: 'response-1', name: 'Error' },
    ]);
  });
});
