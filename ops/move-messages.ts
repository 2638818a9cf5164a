/** Messages go back from a dead-letter queue to the queue that they come from. */
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
/** Long enough for SQS to ask every server that may hold a message. */
const WAIT_SECONDS = 1;

/** Why a message was given up; whoever sends it to the dead letters may say so. */
export const REASON = 'reason';

export interface MovedMessage {
  messageId: string;
  /** Undefined when SQS itself gave it up, after its tries. */
  reason: string | undefined;
}

/**
 * Moves what is in a queue now, one message after the other: each is sent before it is deleted, so that a crash in
 * between leaves it in both and never in none. What arrives meanwhile stays, or this would not end while a consumer
 * gives up what it gets.
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
