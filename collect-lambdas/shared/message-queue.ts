import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { traceClient } from '@collect/tracing';

/** Puts a message into a queue. @throws when the queue did not take it, or did not say so in time */
export type SendMessage = (body: string, attributes?: Record<string, string>) => Promise<void>;

/** Three tries, and the time that an API function has left once the db-proxy has used up its own. */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};
const LIMIT_MS = 8_000;

export function createMessageQueue(queueUrl: string): SendMessage {
  const sqs = traceClient(new SQSClient(CLIENT_OPTIONS));
  return async (body, attributes = {}) => {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    });
    await sqs.send(command, { abortSignal: AbortSignal.timeout(LIMIT_MS) });
  };
}
