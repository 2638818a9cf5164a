import { join } from 'node:path';
import { fixtureFolder } from '../../tests/support/fixture.ts';
import type { FixtureFolder } from '../../tests/support/fixture.ts';
import type { ApplicationModel } from './model.ts';
import { readTemplate } from './read-template.ts';

const endpoints = { services: 'http://127.0.0.1:4566', httpApi: 'http://127.0.0.1:3000' };
let folder: FixtureFolder;

beforeEach(() => {
  folder = fixtureFolder({});
});
afterEach(() => folder.remove());

function read(template: string, parameters: Record<string, string> = {}): ApplicationModel {
  return readTemplate(folder.write('template.yaml', template), { stackName: 'app', parameters, endpoints });
}

test('globals are merged into functions; the values of the function take precedence', () => {
  const { functions } = read(`
Globals:
  Function:
    Timeout: 29
    MemorySize: 512
    Environment: { Variables: { A: global, B: global } }
    Layers: [!Ref Shared]
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: { ContentUri: shared/layer }
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: index.handler
      MemorySize: 1024
      ReservedConcurrentExecutions: 2
      Environment: { Variables: { B: own } }
    Metadata:
      BuildProperties: { Minify: false, EntryPoints: [a.ts] }`);

  expect(functions).toEqual([
    {
      id: 'Hello',
      name: 'app-Hello',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:app-Hello',
      codeFolder: join(folder.path, 'code'),
      handler: 'index.handler',
      runtime: 'nodejs',
      layers: [join(folder.path, 'shared', 'layer')],
      build: { Minify: false, EntryPoints: ['a.ts'] },
      environment: { A: 'global', B: 'own' },
      timeoutSeconds: 29,
      memoryMegabytes: 1024,
      reservedConcurrency: 2,
      asynchronousRetries: 2,
    },
  ]);
});

test('events become routes, queue sources, object sources and schedules; subscriptions are read', () => {
  const model = read(`
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead: { Type: AWS::SQS::Queue }
  Topic: { Type: AWS::SNS::Topic, Properties: { Subscription: [{ Protocol: email, Endpoint: a@example.org }] } }
  News:
    Type: AWS::SNS::Subscription
    Properties:
      { TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn, FilterPolicy: { kind: [flagged] } }
  Bucket: { Type: AWS::S3::Bucket }
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Events:
        Post: { Type: HttpApi, Properties: { Path: '/forms/{form_id}', Method: post } }
        Queued:
          Type: SQS
          Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 5, FunctionResponseTypes: [ReportBatchItemFailures] }
        Drop:
          Type: S3
          Properties:
            Bucket: !Ref Bucket
            Events: s3:ObjectCreated:*
            Filter: { S3Key: { Rules: [{ Name: suffix, Value: .json }] } }
        Often: { Type: Schedule, Properties: { Schedule: rate(5 minutes) } }
        Nightly: { Type: Schedule, Properties: { Schedule: cron(0 2 * * ? *) } }
        Never: { Type: Schedule, Properties: { Schedule: rate(1 day), State: DISABLED } }
        Stream: { Type: Kinesis, Properties: {} }`);

  const functionName = 'app-Hello';
  expect(model.routes).toEqual([{ method: 'POST', path: '/forms/{form_id}', functionName }]);
  expect(model.queueSources).toEqual([
    expect.objectContaining({ functionName, queueName: 'app-Queue', batchSize: 5, reportsBatchItemFailures: true }),
  ]);
  expect(model.objectSources).toEqual([
    { functionName, bucket: 'app-bucket', events: ['s3:ObjectCreated:*'], prefix: '', suffix: '.json' },
  ]);
  expect(model.schedules).toEqual([expect.objectContaining({ functionName, everyMilliseconds: 300_000 })]);
  expect(model.subscriptions).toEqual([
    {
      topicArn: 'arn:aws:sns:us-east-1:000000000000:app-Topic',
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:app-Queue',
      attributes: { FilterPolicy: '{"kind":["flagged"]}' },
    },
  ]);
  expect(model.queues[0]).toEqual({
    name: 'app-Queue',
    attributes: {
      VisibilityTimeout: '60',
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:app-Dead","maxReceiveCount":3}',
    },
  });
  expect(model.notes).toEqual([
    'Topic: a subscription by email is not delivered locally.',
    'Hello: the schedule Nightly (cron(0 2 * * ? *)) does not run locally; rate(...) does.',
    'Hello: the event Stream (Kinesis) does not run locally.',
  ]);
});

test('a nested stack gets its parameters and returns its outputs', () => {
  folder.write(
    'proxy/template.yaml',
    `
Parameters: { DatabaseUrl: { Type: String }, Caller: { Type: String } }
Resources:
  Proxy:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ..
      Handler: index.handler
      Environment: { Variables: { DATABASE_URL: !Ref DatabaseUrl, CALLER: !Ref Caller } }
Outputs:
  Name: { Value: !Ref Proxy }`,
  );

  const { functions } = read(
    `
Parameters: { DatabaseUrl: { Type: String } }
Resources:
  Nested:
    Type: AWS::Serverless::Application
    Properties:
      Location: ./proxy/template.yaml
      Parameters: { DatabaseUrl: !Ref DatabaseUrl, Caller: !Ref Hello }
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Environment: { Variables: { PROXY: !GetAtt Nested.Outputs.Name } }`,
    { DatabaseUrl: 'sqlite:a' },
  );

  expect(functions.map(({ id, name, codeFolder, environment }) => ({ id, name, codeFolder, environment }))).toEqual([
    { id: 'Hello', name: 'app-Hello', codeFolder: folder.path, environment: { PROXY: 'app-Nested-Proxy' } },
    {
      id: 'Nested/Proxy',
      name: 'app-Nested-Proxy',
      codeFolder: folder.path,
      environment: { DATABASE_URL: 'sqlite:a', CALLER: 'app-Hello' },
    },
  ]);
});

describe('an error about a template names its cause', () => {
  test.each([
    ['Resources: {}', 'the template has no Resources'],
    ['Resources: { Hello: { Properties: {} } }', 'Hello: a resource needs a Type'],
    ['Resources: { Hello: { Type: AWS::Serverless::Function } }', 'Hello: a function needs a Handler'],
    [
      'Resources: { Hello: { Type: AWS::Serverless::Function, Properties: { Handler: a.b, Runtime: java21 } } }',
      'Hello: cannot run the runtime java21',
    ],
    [
      'Resources: { Hello: { Type: AWS::Serverless::Function, Properties: { Handler: !Ref Nobody } } }',
      'Hello: it refers to Nobody, which the template does not have',
    ],
    [
      'Resources: { Queue: { Type: AWS::SQS::Queue, Properties: { DelaySeconds: !If [Missing, 1, 2] } } }',
      'Queue: there is no condition Missing',
    ],
    [
      'Resources: { Queue: { Type: AWS::SQS::Queue, Properties: { DelaySeconds: { "Fn::Mystery": 1 } } } }',
      'Queue: Fn::Mystery is not supported here',
    ],
    [
      'Resources: { A: { Type: AWS::Serverless::Function, Properties: { Handler: a.b, Events: { E: { Type: HttpApi } } } } }',
      'A: the event E needs one Path and one Method',
    ],
    [
      'Resources: { Nested: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: "https://x/y.yaml" } } }',
      'Nested: a nested stack must be a local file to run here',
    ],
    ['Resources: [', 'Flow sequence'],
    ['Resources: { Hello: { Type: !Unknown x } }', 'Unresolved tag: !Unknown'],
  ])('%s', (template, message) => {
    expect(() => read(template)).toThrow(message);
  });

  test('an unknown parameter', () => {
    expect(() => read('Resources: { Queue: { Type: AWS::SQS::Queue } }', { Nope: '1' })).toThrow(
      'the template has no parameter Nope',
    );
  });

  test('a missing file', () => {
    const options = { stackName: 'app', parameters: {}, endpoints };
    expect(() => readTemplate(join(folder.path, 'none.yaml'), options)).toThrow('the template cannot be read');
  });
});
