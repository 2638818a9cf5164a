import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { traceClient } from '@collect/tracing';

/** Puts a message into a queue. @throws when the queue did not take it, or did not say so in time */
export type SendMessage = (body: string, attributes?: Record<string, string>) => Promise<void>;

/** Three tries, and the time that an API function has left once the db-proxy has used up its own. */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};
const LIMIT_MS = 8_000;

/** @param limitMs what a send may take in all */
export function createMessageQueue(queueUrl: string, limitMs = LIMIT_MS): SendMessage {
  const sqs = traceClient(new SQSClient(CLIENT_OPTIONS));
  return async (body, attributes = {}) => {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    });
    await sqs.send(command, { abortSignal: AbortSignal.timeout(limitMs) });
  };
}

/** A message that was received and stays in its queue, and in how many seconds it comes again. */
export interface Postponed {
  receiptHandle: string;
  seconds: number;
}

/** Postpones up to ten messages. @throws when the queue postponed none; one that it refuses keeps its own timeout */
export type PostponeMessages = (messages: readonly Postponed[]) => Promise<void>;

export function createPostponer(queueUrl: string): PostponeMessages {
  const sqs = traceClient(new SQSClient(CLIENT_OPTIONS));
  return async (messages) => {
    const command = new ChangeMessageVisibilityBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map(({ receiptHandle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      })),
    });
    await sqs.send(command, { abortSignal: AbortSignal.timeout(LIMIT_MS) });
  };
}
