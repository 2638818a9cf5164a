/** The local stack on MariaDB or MySQL, with relays that can cut connections. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { createConnection } from 'mysql2/promise';
import * as z from 'zod';
import { startPrivateServer, type PrivateServer, type ServerKind } from '../support/private-server.ts';
import { localClientOptions } from '../../local/local-aws.ts';
import { startStack, tokensOf, type Stack } from '../../local/stack.ts';
import type { StackTokens } from '../../local/tokens.ts';
import { Relay } from './relay.ts';

export const FUNCTIONS = {
  proxy: 'collect-DbProxy-DbProxyFunction',
  collect: 'collect-CollectFunction',
  odk: 'collect-OdkFunction',
  odkPending: 'collect-OdkPendingFunction',
  authorizer: 'collect-AuthorizerFunction',
  write: 'collect-WriteFunction',
  publish: 'collect-PublishFunction',
  sweep: 'collect-SweepFunction',
} as const;

const QUEUES = '000000000000';
const DATABASE = 'collect';
/** The db-proxy's user. Unlike root, it cannot write to a read-only server. */
const USER = 'collect';
const LISTENER = 'chaos-listener';
const TOPIC_VARIABLE = 'RESPONSES_TOPIC_ARN';

/** The visibility timeout of the write queue. In AWS it is 90 s, which is too long for a run. */
const VISIBILITY_SECONDS = 5;

export interface System {
  stack: Stack;
  tokens: StackTokens;
  database: PrivateServer;
  /** The URL of the database, not of its relay. */
  databaseUrl: string;
  /** `api` is in front of the HTTP API, `database` of the database, `queue` of SQS and SNS. */
  relays: { api: Relay; database: Relay; queue: Relay };
  sqs: SQSClient;
  queueUrl: (name: string) => string;
  /** A queue that is subscribed to the topic. */
  listener: string;
  stop: () => Promise<void>;
}

/**
 * Starts everything, or returns undefined when the server is not installed.
 *
 * @param kind by default the first kind that is installed
 */
export async function startSystem(kind: ServerKind | undefined): Promise<System | undefined> {
  const database = await startPrivateServer(kind);
  if (database === undefined) return undefined;
  const home = mkdtempSync(path.join(tmpdir(), 'collect-chaos-'));
  const ends: (() => unknown)[] = [() => rmSync(home, { recursive: true, force: true }), () => database.stop()];
  const stop = async (): Promise<void> => {
    while (ends.length > 0) await ends.pop()?.();
  };
  const relayTo = async (...target: Parameters<typeof Relay.start>): Promise<Relay> => {
    const relay = await Relay.start(...target);
    ends.push(() => relay.stop());
    return relay;
  };
  try {
    await createDatabase(database.url);
    const relays = { api: await relayTo(), database: await relayTo(database.port, 'mysql'), queue: await relayTo() };
    const stack = await startStack({
      templateFile: 'template.yaml',
      home,
      port: 0,
      databaseUrl: `mysql://${USER}@127.0.0.1:${relays.database.port}/${DATABASE}`,
      functionEnvironment: {
        AWS_ENDPOINT_URL_SQS: relays.queue.url,
        AWS_ENDPOINT_URL_SNS: relays.queue.url,
        WRITE_QUEUE_URL: `${relays.queue.url}/${QUEUES}/collect-WriteQueue`,
        WRITE_DEAD_LETTERS_URL: `${relays.queue.url}/${QUEUES}/collect-WriteDeadLetters`,
        PUBLISH_QUEUE_URL: `${relays.queue.url}/${QUEUES}/collect-PublishQueue`,
      },
      // The run invokes the sweep more often than the schedule.
      runsSchedules: false,
    });
    ends.push(() => stack.stop());
    const { url, servicesUrl = '' } = stack.host;
    relays.api.target = Number(new URL(url).port);
    relays.queue.target = Number(new URL(servicesUrl).port);
    const sqs = new SQSClient(localClientOptions(servicesUrl));
    ends.push(() => sqs.destroy());
    const queueUrl = (name: string): string => `${servicesUrl}/${QUEUES}/${name}`;
    await sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: queueUrl('collect-WriteQueue'),
        Attributes: { VisibilityTimeout: String(VISIBILITY_SECONDS) },
      }),
    );
    const listener = await listen(stack, sqs);
    const databaseUrl = `${database.url}${DATABASE}`;
    return { stack, tokens: tokensOf(stack), database, databaseUrl, relays, sqs, queueUrl, listener, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createDatabase(url: string): Promise<void> {
  const connection = await createConnection(url);
  await connection.query(`create database ${DATABASE}`);
  // A server that resolves host names sees 127.0.0.1 as localhost. For localhost, MariaDB prefers its anonymous user to a user
  // of '%', so both users are created.
  for (const host of ['%', 'localhost']) {
    await connection.query(`create user '${USER}'@'${host}'`);
    await connection.query(`grant all on ${DATABASE}.* to '${USER}'@'${host}'`);
  }
  await connection.end();
}

async function listen({ host }: Stack, sqs: SQSClient): Promise<string> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: LISTENER }));
  const topic = host.model.functions.find(({ name }) => name === FUNCTIONS.publish)?.environment[TOPIC_VARIABLE];
  const sns = new SNSClient(localClientOptions(host.servicesUrl ?? ''));
  await sns.send(
    new SubscribeCommand({
      TopicArn: topic,
      Protocol: 'sqs',
      Endpoint: await arnOf(sqs, url),
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  sns.destroy();
  return url;
}

async function arnOf(sqs: SQSClient, url: string): Promise<string> {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  return attributes['QueueArn'] ?? '';
}

/** Calls a route of the API with the manager's token. @throws {Error} if it is refused */
export async function callAsManager(
  { stack, tokens }: System,
  method: string,
  route: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(`${stack.host.url}${route}`, {
    method,
    headers: { authorization: `Bearer ${tokens.manager}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${route} replied ${response.status}.`);
  return response.json();
}

/** Creates a token for a collector. */
export async function createToken(system: System, role: 'collector' | 'device', userId: string): Promise<string> {
  const body = { role, user_id: userId, expires_in_days: 1 };
  return z.object({ token: z.string() }).parse(await callAsManager(system, 'POST', '/tokens', body)).token;
}
