import { PublishBatchCommand, SNSClient, type BatchResultErrorEntry } from '@aws-sdk/client-sns';
import { traceClient } from '@collect/tracing';
import { dbProxyFrom, snapshotStoreFrom } from '../shared/dependencies.ts';
import type { Bound, Environment } from '../shared/environment.ts';
import type { Logger } from '../shared/logger.ts';
import { createPostponer } from '../shared/message-queue.ts';
import { createHourlyRepair } from '../shared/owed.ts';

/** A message for the topic, under an id that is unique in its batch. */
export interface TopicMessage {
  id: string;
  body: string;
  /** What a subscription can filter by. */
  type: string;
  revision: number;
}

/** What the topic did with a batch, by message id. One that is in neither list may be taken later. */
export interface Taken {
  taken: string[];
  /** What it will never take, with its code. */
  refused: { id: string; reason: string }[];
}

export type Dependencies = Bound<typeof createDependencies>;

/** A batch that is not answered in time is told again, which subscribers bear. */
const CLIENT_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** Codes under which the topic may take the same message later, whoever is said to be at fault. */
const TRANSIENT = /throttl|kms|auth|internal/i;

export function createDependencies(environment: Environment, logger: Logger) {
  const sns = traceClient(new SNSClient(CLIENT_OPTIONS));
  const topic = environment.text('RESPONSES_TOPIC_ARN');
  return {
    dbProxy: dbProxyFrom(environment),
    /** Has the snapshot repaired, once an hour: there is activity, so the database is awake. */
    askForRepair: createHourlyRepair(snapshotStoreFrom(environment), logger, Date.now),
    /** Hands a batch to the topic. @throws when the topic cannot be reached, or takes nothing at all */
    publish: async (messages: readonly TopicMessage[]): Promise<Taken> => {
      const entries = messages.map(({ id, body, type, revision }) => ({
        Id: id,
        Message: body,
        MessageAttributes: {
          type: { DataType: 'String', StringValue: type },
          revision: { DataType: 'Number', StringValue: String(revision) },
        },
      }));
      const command = new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries: entries });
      const { Successful: taken = [], Failed: failed = [] } = await sns.send(command);
      return {
        taken: taken.flatMap(({ Id: id }) => (id === undefined ? [] : [id])),
        refused: refusedForGood(failed),
      };
    },
    postpone: createPostponer(environment.text('PUBLISH_QUEUE_URL')),
    now: Date.now,
    random: Math.random,
  };
}

/** Those of a batch's failures that are the message's own fault. */
export function refusedForGood(failed: readonly Partial<BatchResultErrorEntry>[]): Taken['refused'] {
  return failed.flatMap(({ Id: id = '', Code: reason = '', SenderFault: isOurs }) =>
    isOurs === true && !TRANSIENT.test(reason) ? [{ id, reason }] : [],
  );
}
