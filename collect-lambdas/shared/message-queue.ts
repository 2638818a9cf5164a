import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { traceClient } from '@collect/tracing';

/** Sends a message to a queue. @throws if the queue did not confirm it in time */
export type SendMessage = (body: string, attributes?: Record<string, string>) => Promise<void>;

/** Three tries, within the time that an API function has left after the db-proxy timed out. */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};
const LIMIT_MS = 8_000;

/** @param limitMs time limit for a send, retries included */
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

/** A received message that stays in its queue and is delivered again after `seconds`. */
export interface Postponed {
  receiptHandle: string;
  seconds: number;
}

/** Postpones up to ten messages. @throws if the request fails. A single refused message keeps its visibility timeout */
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
