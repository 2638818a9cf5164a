import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
import { startHost } from '../host.ts';
import type { Host } from '../host.ts';
import { eventually, fixtureFolder, functionResource } from '../../tests/support/fixture.ts';
import type { FixtureFolder } from '../../tests/support/fixture.ts';

/** Appends every event to the file EVENTS. Reports messages that contain the text in the file REFUSED as failed. */
const RECORDER = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
const { EVENTS, REFUSED } = process.env;
export const handler = async (event) => {
  appendFileSync(EVENTS, JSON.stringify(event) + '\\n');
  const refused = existsSync(REFUSED) ? readFileSync(REFUSED, 'utf8') : '';
  const failed = (event.Records ?? []).filter(({ body }) => refused !== '' && body?.includes(refused));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

const PUBLISHER = `
export const handler = async ({ topic, message }) => {
  const body = new URLSearchParams({ Action: 'Publish', TopicArn: topic, Message: message }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await fetch(process.env.AWS_ENDPOINT_URL_SNS, { method: 'POST', headers, body })).status;
};`;

function template(folder: string): string {
  const variables = (name: string): object => ({
    Environment: { Variables: { EVENTS: join(folder, name), REFUSED: join(folder, 'refused') } },
  });
  const queue = { 'Fn::GetAtt': ['Queue', 'Arn'] };
  return JSON.stringify({
    Resources: {
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          VisibilityTimeout: 1,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
      Dead: { Type: 'AWS::SQS::Queue' },
      Idle: { Type: 'AWS::SQS::Queue' },
      Topic: {
        Type: 'AWS::SNS::Topic',
        Properties: { Subscription: [{ Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['Idle', 'Arn'] } }] },
      },
      Bucket: { Type: 'AWS::S3::Bucket' },
      OnMessage: functionResource('recorder/index.js', {
        ...variables('messages'),
        Events: {
          Queued: {
            Type: 'SQS',
            Properties: { Queue: queue, BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] },
          },
        },
      }),
      OnObject: functionResource('recorder/index.js', {
        ...variables('objects'),
        Events: {
          Drop: {
            Type: 'S3',
            Properties: {
              Bucket: { Ref: 'Bucket' },
              Events: 's3:ObjectCreated:*',
              Filter: { S3Key: { Rules: [{ Name: 'suffix', Value: '.json' }] } },
            },
          },
        },
      }),
      Publisher: functionResource('publisher/index.js'),
    },
    Outputs: { Queue: { Value: { Ref: 'Queue' } }, Topic: { Value: { Ref: 'Topic' } } },
  });
}

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
let folder: FixtureFolder;
let host: Host;
let sqs: SQSClient;
let s3: S3Client;

async function start(): Promise<void> {
  host = await startHost({
    templateFile: join(folder.path, 'template.yaml'),
    home: join(folder.path, 'home'),
    port: 0,
  });
  const endpoint = host.servicesUrl ?? '';
  sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials });
  s3 = new S3Client({ endpoint, region: 'us-east-1', credentials });
}

async function stop(): Promise<void> {
  sqs.destroy();
  s3.destroy();
  await host.stop();
}

beforeAll(async () => {
  folder = fixtureFolder({ 'recorder/index.js': RECORDER, 'publisher/index.js': PUBLISHER });
  folder.write('template.yaml', template(folder.path));
  await start();
});
afterAll(async () => {
  await stop();
  folder.remove();
});

const queueUrl = (name: string): string => `${host.servicesUrl}/000000000000/collect-${name}`;

interface RecordedEvent {
  Records: { body: string; [field: string]: unknown }[];
}

/** The records that a function got, oldest first. */
function recorded(name: string): RecordedEvent['Records'] {
  const file = join(folder.path, name);
  if (!existsSync(file)) return [];
  // The function may be writing the last line.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const { Records: records }: RecordedEvent = JSON.parse(line);
    return records;
  });
}

async function count(queue: string): Promise<{ ready: number; underway: number }> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames: [...names] });
  const { Attributes: attributes = {} } = await sqs.send(command);
  return { ready: Number(attributes[names[0]]), underway: Number(attributes[names[1]]) };
}

const send = (queue: string, body: string): Promise<unknown> =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl(queue),
      MessageBody: body,
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
    }),
  );

test('a message reaches its function in the shape of SQS events, and is deleted', async () => {
  await send('Queue', 'first');

  const record = await eventually(() => recorded('messages').find(({ body }) => body === 'first'));

  expect(record).toEqual({
    messageId: expect.any(String),
    receiptHandle: expect.any(String),
    body: 'first',
    attributes: expect.objectContaining({
      ApproximateReceiveCount: '1',
      SentTimestamp: expect.stringMatching(/^\d+$/),
    }),
    messageAttributes: {
      kind: { stringValue: 'test', stringListValues: [], binaryListValues: [], dataType: 'String' },
    },
    md5OfBody: expect.any(String),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:collect-Queue',
    awsRegion: 'us-east-1',
  });
  await eventually(async () => {
    const { ready, underway } = await count('Queue');
    return ready + underway === 0;
  });
});

test('a message reported as failed is delivered again, then dead-lettered; the others of its batch are not', async () => {
  folder.write('refused', 'poison');
  await Promise.all(['good 1', 'poison', 'good 2'].map((body) => send('Queue', body)));

  await eventually(async () => (await count('Dead')).ready === 1);

  const bodies = recorded('messages').map(({ body }) => body);
  expect(bodies.filter((body) => body === 'poison')).toHaveLength(2);
  expect(bodies.filter((body) => body.startsWith('good'))).toHaveLength(2);
});

test('a message of a topic reaches a queue that subscribes', async () => {
  const topic = host.model.outputs['Topic'];
  await host.functions.invoke('collect-Publisher', Buffer.from(JSON.stringify({ topic, message: 'news!' })));

  expect(await eventually(async () => (await count('Idle')).ready)).toBe(1);
});

test('an object can be put and read, and S3 notifies the function that subscribes to it', async () => {
  const put = (key: string): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: 'collect-bucket', Key: key, Body: '{"a":1}' }));
  await put('in/ignored.csv');
  await put('in/some file ä.json');

  const records = await eventually(() => {
    const seen = recorded('objects');
    return seen.length > 0 && seen;
  });

  expect(records).toEqual([
    expect.objectContaining({
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: expect.objectContaining({
        bucket: expect.objectContaining({ name: 'collect-bucket', arn: 'arn:aws:s3:::collect-bucket' }),
        object: expect.objectContaining({ key: 'in/some+file+%C3%A4.json', size: 7 }),
      }),
    }),
  ]);
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: 'collect-bucket', Key: 'in/some file ä.json' }));
  expect(await body?.transformToString()).toBe('{"a":1}');
});

test('messages and objects are still there after a restart', async () => {
  await send('Idle', 'kept');
  const before = await count('Idle');

  await stop();
  await start();

  expect(await count('Idle')).toEqual(before);
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: 'collect-bucket', Key: 'in/ignored.csv' }));
  expect(await body?.transformToString()).toBe('{"a":1}');
});
