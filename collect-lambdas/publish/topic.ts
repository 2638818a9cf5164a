/** The SNS topic "responses". */
import { PublishBatchCommand, SNSClient, type BatchResultErrorEntry } from '@aws-sdk/client-sns';
import { traceClient } from '@collect/tracing';

/** A message for the topic. Its id is unique in its batch. */
export interface TopicMessage {
  id: string;
  body: string;
  /** Subscriptions can filter by type and revision. */
  type: string;
  revision: number;
}

/** The topic's result for a batch, by message id. A message in neither list may be accepted later. */
export interface Published {
  accepted: string[];
  /** Messages that the topic will never accept, with SNS's error code. */
  refused: { id: string; reason: string }[];
}

/** Publishes a batch. @throws if the topic cannot be reached or refuses the whole batch */
export type Publish = (messages: readonly TopicMessage[]) => Promise<Published>;

/** After a timeout the batch is published again; subscribers are idempotent. */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** Codes of transient failures, even if SNS sets `SenderFault`. */
const TRANSIENT = /throttl|kms|auth|internal/i;

export function createTopic(arn: string): Publish {
  const sns = traceClient(new SNSClient(CLIENT_OPTIONS));
  return async (messages) => {
    const entries = messages.map(({ id, body, type, revision }) => ({
      Id: id,
      Message: body,
      MessageAttributes: {
        type: { DataType: 'String', StringValue: type },
        revision: { DataType: 'Number', StringValue: String(revision) },
      },
    }));
    const command = new PublishBatchCommand({ TopicArn: arn, PublishBatchRequestEntries: entries });
    const { Successful: accepted = [], Failed: failed = [] } = await sns.send(command);
    return { accepted: accepted.flatMap(({ Id: id }) => id ?? []), refused: permanentFailures(failed) };
  };
}

/** The failures of a batch that the messages themselves caused. */
export function permanentFailures(failed: readonly Partial<BatchResultErrorEntry>[]): Published['refused'] {
  return failed
    .filter(({ SenderFault: isSenderFault, Code: code = '' }) => isSenderFault === true && !TRANSIENT.test(code))
    .map(({ Id: id = '', Code: reason = '' }) => ({ id, reason }));
}
