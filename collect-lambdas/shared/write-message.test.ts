import { incoming } from '../../tests/support/responses.ts';
import { toMessages, writeMessage } from './write-message.ts';

const read = (messages: readonly string[]) =>
  messages.map((body) => writeMessage.parse(JSON.parse(body)).input.responses);

test('responses that fit become one message with the proxy’s command', () => {
  const responses = [incoming(), incoming()];

  expect(toMessages(responses).map((body) => JSON.parse(body) as unknown)).toEqual([
    { operation: 'saveResponses', input: { responses, late: true } },
  ]);
});

test('an empty list becomes no message', () => {
  expect(toMessages([])).toEqual([]);
});

test('responses that do not fit are split, in order, each message within 900,000 bytes', () => {
  const responses = Array.from({ length: 9 }, () => incoming({ response: { answer: 'ä'.repeat(125_000) } }));

  const messages = toMessages(responses);

  expect(messages.map((body) => Buffer.byteLength(body) <= 900_000)).toEqual([true, true, true]);
  expect(read(messages)).toEqual([responses.slice(0, 3), responses.slice(3, 6), responses.slice(6)]);
});

test('characters that SQS refuses are escaped, and the responses stay the same', () => {
  const response = incoming({ response: { answer: 'a\uFFFE\uFFFFb\u007F🏠' } });

  const messages = toMessages([response]);

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  expect(messages[0]).toMatch(/^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u);
  expect(read(messages)).toEqual([[response]]);
});
