/** What the templates promise about who may do what, and what outlives what. */
import { parseTemplate } from '../../local/template/parse.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { record } from '../../local/template/values.ts';
import { named, ofType, resources, statements } from './read-templates.ts';

const TRACE = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
const NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

test('no statement allows an action by a pattern', () => {
  const allowed = statements.filter(({ effect }) => effect === 'Allow');

  expect(allowed.length).toBeGreaterThan(30);
  expect(allowed.filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
});

test('only tracing and the network of a function in a VPC, which IAM cannot narrow, are allowed on any resource', () => {
  const open = statements.filter((each) => each.effect === 'Allow' && each.resources.includes('*'));

  const exceptions = open.map(({ actions }) => [...actions].toSorted());
  expect(exceptions.filter((each) => each.some((action) => ![...TRACE, ...NETWORK].includes(action)))).toEqual([]);
});

test('the code of the db-proxy itself may not touch the network', () => {
  const denied = statements.filter(({ where, effect }) => where.includes('db-proxy-role') && effect === 'Deny');

  expect(denied).toMatchObject([{ actions: NETWORK, condition: { Null: { 'lambda:SourceFunctionArn': 'false' } } }]);
});

test('only the named roles may invoke the db-proxy', () => {
  const invoking = statements.filter(({ actions }) => actions.includes('lambda:InvokeFunction'));

  expect(invoking.map(({ where }) => where).toSorted()).toEqual([
    'aws-templates/permissions.yaml CallDbProxy',
    'db-proxy-lambda/template.yaml MigrateRole',
    'template.yaml PreTrafficRole',
  ]);
  const [callDbProxy] = invoking.filter(({ where }) => where.endsWith('CallDbProxy'));
  expect(callDbProxy?.resources).toEqual([{ Ref: 'DbProxyArn' }]);
  const roles = resources.find(({ logicalId }) => logicalId === 'CallDbProxy')?.properties['Roles'];
  expect(roles).toEqual(
    [
      'Collect', 'Write', 'Responses', 'Forms', 'Exports', 'Sheets', 'Sweep', 'Metrics', 'MetricsIngest', 'Tasks',
      'TaskFollowUp', 'Tokens', 'Authorizer', 'Hello', 'Publish',
    ].map((name) => ({ Ref: `${name}Role` })),
  ); // prettier-ignore
  expect(ofType('AWS::Lambda::Permission')).toEqual([]);
});

test('each function reads and writes its own part of the snapshot only', () => {
  const text = (resource: unknown): string => JSON.stringify(resource);
  const own = statements.filter(
    (each) => each.effect === 'Allow' && each.resources.some((r) => text(r).includes('SnapshotBucket')),
  );
  const rights = own.map(({ where, actions, resources: on, condition }) => {
    const parts = on.map((each) => /SnapshotBucket(?:Arn)?\}\/([^"]*)/.exec(text(each))?.[1] ?? 'keys');
    const prefixes = condition === undefined ? '' : ` of ${/"s3:prefix":(.*)\}\}$/.exec(text(condition))?.[1]}`;
    return `${where.split(' ').at(-1)}: ${actions.map((action) => action.slice(3)).join(', ')} ${parts.join(', ')}${prefixes}`;
  });

  expect(rights.toSorted()).toEqual([
    'AuthorizerRole: GetObject tokens/*',
    'CollectRole: GetObject forms/*',
    'CollectRole: ListBucket keys of "forms/*"',
    'CollectRole: PutObject owed/publish',
    'ExportsRole: PutObject owed/exports/*',
    'FormsRole: PutObject forms/*',
    'FormsRole: PutObject, DeleteObject owed/snapshot/*',
    'MigrateRole: PutObject owed/snapshot/*',
    'PublishRole: PutObject owed/snapshot/*',
    'SweepRole: DeleteObject owed/*',
    'SweepRole: GetObject, PutObject, DeleteObject forms/*, tokens/*',
    'SweepRole: ListBucket keys of ["forms/*","owed/*","tokens/*"]',
    'TokensRole: PutObject tokens/*',
    'TokensRole: PutObject, DeleteObject owed/snapshot/*',
    'WriteRole: PutObject owed/publish',
  ]);
});

describe.each(ofType('AWS::Serverless::Function').map(named))('the function %s', (_name, fn) => {
  const { properties, logicalId, file } = fn;

  test('has a role that no other function has', () => {
    const roles = ofType('AWS::Serverless::Function').map((each) => JSON.stringify(each.properties['Role']));
    const own = JSON.stringify(properties['Role']);

    expect(own).toBeDefined();
    expect(roles.filter((role) => role === own)).toHaveLength(1);
    expect(properties['Policies']).toBeUndefined();
  });

  test('has a log group of its own', () => {
    const groups = ofType('AWS::Serverless::Function').map((each) => JSON.stringify(each.properties['LoggingConfig']));
    const own = JSON.stringify(properties['LoggingConfig']);

    expect(own).toContain('LogGroup');
    expect(groups.filter((group) => group === own)).toHaveLength(1);
  });

  test('has no lines of Lambda’s own about invocations that went well', () => {
    const global = record(record(parseTemplate(file).globals['Function'])['LoggingConfig']);

    expect({ ...global, ...record(properties['LoggingConfig']) }).toMatchObject({
      LogFormat: 'JSON',
      SystemLogLevel: 'WARN',
    });
  });

  test('has alarms, or reports to CodeDeploy, which shows what it refuses', () => {
    const watched = JSON.stringify(
      resources.filter(({ type, logicalId: id }) => type === 'AWS::Serverless::Application' && id === 'Alarms'),
    );
    const isHook = JSON.stringify(properties['FunctionName'] ?? '').includes('CodeDeployHook_');

    expect(isHook || watched.includes(`{"Ref":"${logicalId}"}`)).toBe(true);
  });

  test('moves its traffic step by step, with an alarm and a hook, where requests reach it', () => {
    const serves = JSON.stringify(properties['Events'] ?? {}).includes('"HttpApi"') || logicalId === 'DbProxyFunction';
    const expected = {
      AutoPublishAlias: 'live',
      DeploymentPreference: {
        Type: { Ref: 'DeploymentType' },
        Alarms: [expect.anything()],
        Hooks: { PreTraffic: { Ref: file === 'template.yaml' ? 'PreTrafficFunction' : 'MigrateFunction' } },
      },
    };

    expect(serves ? properties : expected).toMatchObject(expected);
  });
});

test.each(ofType('AWS::Logs::LogGroup').map(named))('%s does not keep log lines for ever', (_name, { properties }) => {
  expect(properties['RetentionInDays']).toEqual({ Ref: 'LogRetentionDays' });
});

describe.each(ofType('AWS::S3::Bucket').map(named))('the bucket %s', (_name, { definition, properties, logicalId }) => {
  test('is encrypted, private, versioned and retained, and drops unfinished uploads', () => {
    expect(definition).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(JSON.stringify(properties['LifecycleConfiguration'])).toContain('AbortIncompleteMultipartUpload');
  });

  test('is reached over TLS only', () => {
    const policies = ofType('AWS::S3::BucketPolicy').filter(
      (each) => JSON.stringify(each.properties['Bucket']) === JSON.stringify({ Ref: logicalId }),
    );

    expect(policies).toHaveLength(1);
    expect(policies[0]?.properties['PolicyDocument']).toMatchObject({
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [{ 'Fn::GetAtt': `${logicalId}.Arn` }, { 'Fn::Sub': `\${${logicalId}.Arn}/*` }],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    });
  });
});

test('there is no way from the private subnets to the internet', () => {
  const ways = /^AWS::EC2::(InternetGateway|NatGateway|VPCGatewayAttachment|Route|EgressOnlyInternetGateway|EIP)$/;

  expect(resources.filter(({ type }) => ways.test(type))).toEqual([]);
});

test.each(ofType('AWS::EC2::SecurityGroup').map(named))('%s opens nothing by itself', (_name, { properties }) => {
  expect(properties).not.toHaveProperty('SecurityGroupIngress');
  expect(properties['SecurityGroupEgress']).toMatchObject([{ CidrIp: '127.0.0.1/32' }]);
});

test.each(ofType('AWS::SNS::Topic').map(named))('the topic %s is encrypted', (_name, { properties }) => {
  expect(properties['KmsMasterKeyId']).toBeDefined();
});

test('alarms, which AWS’s own key lets publish nothing, may use the key of their topic, and nobody else', () => {
  const [topic] = ofType('AWS::SNS::Topic').filter(({ logicalId }) => logicalId === 'AlarmTopic');
  const [key] = ofType('AWS::KMS::Key');

  expect(topic?.properties['KmsMasterKeyId']).toEqual({ Ref: key?.logicalId });
  expect(key?.properties['KeyPolicy']).toMatchObject({
    Statement: [
      { Action: 'kms:*', Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } } },
      {
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Principal: { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] },
      },
    ],
  });
});

test.each(ofType('AWS::CloudWatch::Alarm').map(named))('the alarm %s tells somebody', (_name, { properties }) => {
  expect(properties['AlarmActions']).toEqual([{ Ref: 'AlarmTopicArn' }]);
});

describe.each(ofType('AWS::SQS::Queue').map(named))('the queue %s', (_name, { properties, logicalId }) => {
  const consumer = ofType('AWS::Serverless::Function').find((fn) =>
    JSON.stringify(fn.properties['Events'] ?? {}).includes(`{"Queue":{"Fn::GetAtt":"${logicalId}.Arn"}`),
  );

  test('is encrypted', () => {
    expect(properties).toMatchObject({ SqsManagedSseEnabled: true });
  });

  test('gives messages up after five tries, or after 1,000 where the consumer backs off, or keeps dead letters for two weeks', () => {
    const forTwoWeeks = { MessageRetentionPeriod: 14 * 24 * 3600 };
    const backsOff = statements.some(
      ({ actions, resources: on }) =>
        actions.includes('sqs:ChangeMessageVisibility') && JSON.stringify(on) === `[{"Ref":"${logicalId}Arn"}]`,
    );
    const afterFive = { RedrivePolicy: { maxReceiveCount: 5 } };
    // The most that SQS takes.
    const afterMost = { ...forTwoWeeks, RedrivePolicy: { maxReceiveCount: 1_000 } };

    // A trigger holds nothing: it is not kept among dead letters.
    const whileBackingOff = logicalId === 'PublishQueue' ? forTwoWeeks : afterMost;
    const whileConsumed = backsOff ? whileBackingOff : afterFive;
    expect(properties).toMatchObject(consumer === undefined ? forTwoWeeks : whileConsumed);
  });

  test('lends a message for longer than its consumer runs, which says which messages failed', () => {
    const longest = Number(consumer?.properties['Timeout'] ?? 29);

    expect(Number(properties['VisibilityTimeout'] ?? Infinity)).toBeGreaterThan(longest);
    expect(JSON.stringify(consumer?.properties['Events'] ?? 'ReportBatchItemFailures')).toContain(
      'ReportBatchItemFailures',
    );
  });
});

test('a request has one line in the access log, which is kept at the lower price', () => {
  const settings = record(record(parseTemplate('template.yaml').globals['HttpApi'])['AccessLogSettings']);
  const [group] = ofType('AWS::Logs::LogGroup').filter(({ logicalId }) => logicalId === 'AccessLogs');

  expect(settings['DestinationArn']).toEqual({ 'Fn::GetAtt': 'AccessLogs.Arn' });
  expect(group?.properties).toMatchObject({ LogGroupClass: 'INFREQUENT_ACCESS' });
});

describe('the HTTP API', () => {
  const api = record(parseTemplate('template.yaml').globals['HttpApi']);
  const { parameters } = parseTemplate('template.yaml');
  const routes = readTemplate('template.yaml', {
    stackName: 'collect',
    parameters: { DatabaseUrl: 'sqlite:none' },
    endpoints: { httpApi: 'http://127.0.0.1', services: 'http://127.0.0.1' },
  }).routes.map(({ method, path }) => `${method} ${path}`);

  test('asks an authorizer on every route that does not say otherwise, and keeps its answer for a minute', () => {
    expect(api['Auth']).toMatchObject({
      DefaultAuthorizer: 'Tokens',
      Authorizers: {
        Tokens: { EnableSimpleResponses: true, Identity: { Headers: ['Authorization'], ReauthorizeEvery: 60 } },
      },
    });
  });

  test('lets the pages of no other origin in unless a parameter names one', () => {
    expect(record(api['CorsConfiguration'])['AllowOrigins']).toEqual([{ Ref: 'CorsOrigin' }]);
    // No name ends in .invalid (RFC 2606).
    expect(record(parameters['CorsOrigin'])['Default']).toMatch(/^https:\/\/[a-z]+\.invalid$/);
  });

  test('holds every route back beyond its rate, those that cost more sooner', () => {
    expect(api['DefaultRouteSettings']).toEqual({
      ThrottlingRateLimit: { Ref: 'RequestsPerSecond' },
      ThrottlingBurstLimit: { Ref: 'RequestBurst' },
    });
    const settings = Object.entries(record(api['RouteSettings']));
    expect(settings.length).toBeGreaterThan(5);
    for (const [route, setting] of settings) {
      expect(routes).toContain(route);
      expect(Number(record(setting)['ThrottlingRateLimit'])).toBeLessThan(
        Number(record(parameters['RequestsPerSecond'])['Default']),
      );
    }
  });
});
