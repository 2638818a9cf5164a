/** Moves dead letters back to their queue. */
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** SQS's own limit. */
const RECEIVE_LIMIT = 10;
/** With long polling SQS queries all of its servers, so that no message is missed. */
const WAIT_SECONDS = 1;

/** The attribute that holds the reason, if the sender of a dead letter set it. */
const REASON = 'reason';

export interface MovedMessage {
  messageId: string;
  /** Undefined if SQS moved the message after its last delivery. */
  reason: string | undefined;
}

/**
 * Moves the messages that are in a queue now, one by one. Each message is sent before it is deleted: a crash in between
 * leaves the message in both queues. Messages that arrive later stay, because otherwise the move would not end while
 * the consumer fails.
 */
export async function* moveMessages(sqs: SQSClient, from: string, to: string): AsyncGenerator<MovedMessage> {
  let left = await countOf(sqs, from);
  while (left > 0) {
    const { Messages: messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: from,
        MaxNumberOfMessages: Math.min(left, RECEIVE_LIMIT),
        WaitTimeSeconds: WAIT_SECONDS,
        MessageAttributeNames: ['All'],
      }),
    );
    if (messages.length === 0) return;
    for (const message of messages) yield await move(sqs, message, from, to);
    left -= messages.length;
  }
}

async function move(sqs: SQSClient, message: Message, from: string, to: string): Promise<MovedMessage> {
  const { [REASON]: reason, ...attributes } = message.MessageAttributes ?? {};
  await sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: message.Body, MessageAttributes: attributes }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: message.ReceiptHandle }));
  return { messageId: message.MessageId ?? '', reason: reason?.StringValue };
}

async function countOf(sqs: SQSClient, queueUrl: string): Promise<number> {
  const name = 'ApproximateNumberOfMessages';
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [name] }),
  );
  return Number(attributes[name] ?? 0);
}
