import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { traceClient } from '@collect/tracing';
import * as z from 'zod';
import { createDbProxyClient, type DbProxy } from '../shared/db-proxy-client.ts';
import { readEnvironment } from '../shared/env.ts';
import { createLogger, type Logger } from '../shared/logger.ts';

/** A message for the topic, under an id that is unique in its batch. */
export interface TopicMessage {
  id: string;
  body: string;
  /** What a subscription can filter by. */
  type: string;
  revision: number;
}

export interface Dependencies {
  dbProxy: DbProxy;
  logger: Logger;
  /** Hands a batch to the topic; answers the ids that it took. */
  publish: (messages: readonly TopicMessage[]) => Promise<string[]>;
  /** Milliseconds, as Date.now gives them. */
  now: () => number;
}

/** The real ones. @throws {Error} that names every environment variable that is missing. */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DB_PROXY_FUNCTION, RESPONSES_TOPIC_ARN } = readEnvironment(
    { DB_PROXY_FUNCTION: z.string().min(1), RESPONSES_TOPIC_ARN: z.string().min(1) },
    environment,
  );
  const sns = traceClient(new SNSClient());
  return {
    dbProxy: createDbProxyClient(DB_PROXY_FUNCTION),
    logger: createLogger('publish'),
    publish: async (messages) => {
      const entries = messages.map(({ id, body, type, revision }) => ({
        Id: id,
        Message: body,
        MessageAttributes: {
          type: { DataType: 'String', StringValue: type },
          revision: { DataType: 'Number', StringValue: String(revision) },
        },
      }));
      const command = new PublishBatchCommand({ TopicArn: RESPONSES_TOPIC_ARN, PublishBatchRequestEntries: entries });
      const { Successful: taken = [] } = await sns.send(command);
      return taken.flatMap(({ Id: id }) => (id === undefined ? [] : [id]));
    },
    now: Date.now,
  };
}
