import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { traceClient } from '@collect/tracing';
import type { ExportMessage } from './export-message.ts';

/** Hands exports to the workers. */
export function createExportQueue(queueUrl: string): (message: ExportMessage) => Promise<void> {
  const sqs = traceClient(new SQSClient());
  return async (message) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  };
}
