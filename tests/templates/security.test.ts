/** Checks permissions, encryption, queues and the HTTP API in the templates. */
import { createFileLinks } from '../../collect-lambdas/shared/presigned-links.ts';
import { parseTemplate } from '../../local/template/parse.ts';
import { readTemplate } from '../../local/template/read-template.ts';
import { list, record } from '../../local/template/values.ts';
import { functions, named, ofType, resources, statements, variablesOf } from './read-templates.ts';

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

test('only tracing and a function’s network, which IAM cannot narrow, are allowed on any resource', () => {
  const open = statements.filter((each) => each.effect === 'Allow' && each.resources.includes('*'));

  const exceptions = open.map(({ actions }) => [...actions].toSorted());
  expect(exceptions.filter((each) => each.some((action) => ![...TRACE, ...NETWORK].includes(action)))).toEqual([]);
});

test('the db-proxy’s own code cannot use the network permissions, which only Lambda needs', () => {
  const denied = statements.filter(({ where, effect }) => where.includes('db-proxy-role') && effect === 'Deny');

  expect(denied).toMatchObject([{ actions: NETWORK, condition: { Null: { 'lambda:SourceFunctionArn': 'false' } } }]);
});

test('only the roles of functions that use the db-proxy, and of its deployment hooks, may invoke it; one role may invoke the converter of workbooks', () => {
  const invoking = statements.filter(({ actions }) => actions.includes('lambda:InvokeFunction'));

  expect(invoking.map(({ where }) => where).toSorted()).toEqual([
    'aws-templates/permissions.yaml InvokeDbProxy',
    'aws-templates/permissions.yaml XformsRole',
    'db-proxy-lambda/template.yaml MigrateRole',
    'template.yaml PreTrafficRole',
  ]);
  expect(invoking.find(({ where }) => where.endsWith('InvokeDbProxy'))?.resources).toEqual([{ Ref: 'DbProxyArn' }]);
  expect(invoking.find(({ where }) => where.endsWith('XformsRole'))?.resources).toEqual([{ Ref: 'XlsformArn' }]);
  const attached = ofType('AWS::IAM::Role').filter(({ properties }) =>
    list(properties['ManagedPolicyArns'] ?? []).some((each) => record(each)['Ref'] === 'InvokeDbProxy'),
  );
  const knowing = functions.filter(({ properties }) => 'DB_PROXY_FUNCTION' in variablesOf(properties));
  expect(attached.map(({ logicalId }) => ({ 'Fn::GetAtt': `Permissions.Outputs.${logicalId}` }))).toEqual(
    expect.arrayContaining(knowing.map(({ properties }) => properties['Role'])),
  );
  expect(attached).toHaveLength(knowing.length);
  // Named here, so that the test fails if a function gets or loses the permission by mistake. The roles of the hooks
  // (PreTrafficFunction and MigrateFunction) have their own statements, which are checked above.
  const others = functions.filter((each) => !knowing.includes(each)).map(({ logicalId }) => logicalId);
  expect(others.toSorted()).toEqual([
    'CalculationFunction',
    'DbProxyFunction',
    'DocsFunction',
    'MigrateFunction',
    'PagesFunction',
    'PreTrafficFunction',
    'XlsformFunction',
  ]);
  expect(ofType('AWS::Lambda::Permission')).toEqual([]);
});

test('roles of functions attach only the shared policies of Collect, and none that AWS manages', () => {
  for (const { properties } of ofType('AWS::IAM::ManagedPolicy')) {
    expect(Object.keys(properties)).toEqual(['PolicyDocument']);
  }
  const shared = ofType('AWS::IAM::Role')
    .filter(({ file }) => !file.endsWith('drift.yaml'))
    .flatMap(({ properties }) => list(properties['ManagedPolicyArns'] ?? []));
  expect(new Set(shared.map((each) => record(each)['Ref']))).toEqual(new Set(['SendTraces', 'InvokeDbProxy']));
});

test('a role may write to its own log group and no other', () => {
  const writing = statements.filter(({ actions }) => actions.includes('logs:PutLogEvents'));

  expect(writing).toHaveLength(functions.length);
  for (const { where, resources: groups } of writing) {
    const own = (where.split(' ').at(-1) ?? '').replace(/Role$/, 'Logs.Arn');
    expect([where, groups]).toEqual([where, [{ 'Fn::GetAtt': own }]]);
  }
});

test('each function reads and writes only its part of the snapshot', () => {
  const json = (resource: unknown): string => JSON.stringify(resource);
  const own = statements.filter(
    (each) => each.effect === 'Allow' && each.resources.some((r) => json(r).includes('SnapshotBucket')),
  );
  const rights = own.map(({ where, actions, resources: on, condition }) => {
    const parts = on.map((each) => /SnapshotBucket(?:Arn)?\}\/([^"]*)/.exec(json(each))?.[1] ?? 'keys');
    const prefixes = condition === undefined ? '' : ` of ${/"s3:prefix":(.*)\}\}$/.exec(json(condition))?.[1]}`;
    return `${where.split(' ').at(-1)}: ${actions.map((action) => action.slice(3)).join(', ')} ${parts.join(', ')}${prefixes}`;
  });

  expect(rights.toSorted()).toEqual([
    'AuthorizerRole: GetObject tokens/*',
    'CollectRole: GetObject forms/*',
    'CollectRole: ListBucket keys of "forms/*"',
    'CollectRole: PutObject owed/publish',
    'ExportsRole: PutObject owed/exports/*',
    'FormsRole: PutObject forms/*',
    'FormsRole: PutObject owed/rejudges/*',
    'FormsRole: PutObject, DeleteObject owed/snapshot/*',
    'LiveSheetRole: PutObject owed/publish',
    'MigrateRole: PutObject owed/snapshot/*',
    'OdkPendingRole: GetObject forms/*',
    'OdkPendingRole: ListBucket keys of "forms/*"',
    'OdkPendingRole: PutObject owed/publish',
    'OdkRole: GetObject forms/*',
    'OdkRole: GetObject tokens/*',
    'OdkRole: ListBucket keys of "forms/*"',
    'OdkRole: PutObject owed/publish',
    'PublishRole: PutObject owed/snapshot/*, owed/webhooks/*',
    'RejudgeRole: PutObject owed/publish',
    'ResponsesRole: PutObject owed/erasure/*',
    'ResponsesRole: PutObject owed/publish',
    'ReviewsRole: PutObject owed/publish',
    'SweepRole: DeleteObject owed/*',
    'SweepRole: GetObject owed/erasure/*, owed/webhooks/*',
    'SweepRole: GetObject, PutObject, DeleteObject forms/*, tokens/*',
    'SweepRole: ListBucket keys',
    'TokensRole: PutObject tokens/*',
    'TokensRole: PutObject, DeleteObject owed/snapshot/*',
    'WebhookDeliveryRole: PutObject, DeleteObject owed/webhooks/*',
    'WebhooksRole: PutObject owed/webhooks/*',
    'WriteRole: PutObject owed/publish',
    'XformsRole: PutObject forms/*',
    'XformsRole: PutObject, DeleteObject owed/snapshot/*',
  ]);
});

test('each role that reads the files may list them, so that S3 replies 404 for a missing one', () => {
  const on = (action: string) =>
    statements.filter(
      ({ actions, resources }) => actions.includes(action) && JSON.stringify(resources).includes('FilesBucket'),
    );
  const listing = new Map(on('s3:ListBucket').map(({ where, condition }) => [where, condition]));
  // AttachmentsFunction reads no file: it signs links, which clients follow.
  const readers = on('s3:GetObject').filter(({ where }) => !where.endsWith(' AttachmentsRole'));

  expect(readers.map(({ where }) => where)).toContain('aws-templates/permissions.yaml XformsRole');
  for (const { where } of readers)
    expect([where, listing.has(where), listing.get(where)]).toEqual([where, true, undefined]);
});

describe.each(ofType('AWS::S3::Bucket').map(named))('the bucket %s', (_name, { definition, properties, logicalId }) => {
  test('is encrypted, private, versioned and retained, and deletes unfinished uploads', () => {
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

  test('refuses requests without TLS', () => {
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

test('web pages of the origin that may call the API may upload and download attachments, and read no other bucket', async () => {
  const links = createFileLinks('files', {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  const { headers } = await links.toUpload('a', { bytes: 1, sha256: 'aa', type: 'image/jpeg' }, 900);
  // A browser sets the length itself, without asking whether it may.
  const asked = Object.keys(headers).filter((name) => name !== 'content-length');
  const buckets = ofType('AWS::S3::Bucket').filter(({ properties }) => properties['CorsConfiguration'] !== undefined);
  const [nested] = ofType('AWS::Serverless::Application').filter(({ logicalId }) => logicalId === 'Buckets');

  expect(buckets.map(({ logicalId }) => logicalId)).toEqual(['FilesBucket']);
  expect(buckets[0]?.properties['CorsConfiguration']).toEqual({
    CorsRules: [
      {
        AllowedOrigins: [{ Ref: 'CorsOrigin' }],
        AllowedMethods: ['GET', 'HEAD', 'PUT'],
        AllowedHeaders: asked.toSorted(),
        ExposedHeaders: ['etag'],
        MaxAge: 600,
      },
    ],
  });
  expect(nested?.properties['Parameters']).toMatchObject({ CorsOrigin: { Ref: 'CorsOrigin' } });
  expect(parseTemplate('template.yaml').globals['HttpApi']).toMatchObject({
    CorsConfiguration: { AllowOrigins: [{ Ref: 'CorsOrigin' }] },
  });
});

test('the private subnets have no route to the internet', () => {
  const ways = /^AWS::EC2::(InternetGateway|NatGateway|VPCGatewayAttachment|Route|EgressOnlyInternetGateway|EIP)$/;

  expect(resources.filter(({ type }) => ways.test(type))).toEqual([]);
});

test.each(ofType('AWS::EC2::SecurityGroup').map(named))(
  '%s allows no traffic in its own properties',
  (_name, { properties }) => {
    expect(properties).not.toHaveProperty('SecurityGroupIngress');
    expect(properties['SecurityGroupEgress']).toMatchObject([{ CidrIp: '127.0.0.1/32' }]);
  },
);

test.each(ofType('AWS::SNS::Topic').map(named))('the topic %s is encrypted', (_name, { properties }) => {
  expect(properties['KmsMasterKeyId']).toBeDefined();
});

test('only alarms and rules may use the key of their topic', () => {
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

describe.each(ofType('AWS::SQS::Queue').map(named))('the queue %s', (_name, { properties, logicalId }) => {
  const consumer = functions.find((fn) =>
    JSON.stringify(fn.properties['Events'] ?? {}).includes(`{"Queue":{"Fn::GetAtt":"${logicalId}.Arn"}`),
  );

  test('is encrypted', () => {
    expect(properties).toMatchObject({ SqsManagedSseEnabled: true });
  });

  test('moves a message to its dead-letter queue after 5 tries, or 1,000 if the consumer sets its own backoff; a dead-letter queue keeps messages for two weeks', () => {
    const forTwoWeeks = { MessageRetentionPeriod: 14 * 24 * 3600 };
    const backsOff = statements.some(
      ({ actions, resources: on }) =>
        actions.includes('sqs:ChangeMessageVisibility') && JSON.stringify(on) === `[{"Ref":"${logicalId}Arn"}]`,
    );
    const afterFive = { RedrivePolicy: { maxReceiveCount: 5 } };
    // 1,000 is SQS's maximum.
    const after1000 = { ...forTwoWeeks, RedrivePolicy: { maxReceiveCount: 1_000 } };

    // The messages of these queues are triggers without content, so they need no dead letters.
    const withBackoff = /^(Publish|LiveSheet)Queue$/.test(logicalId) ? forTwoWeeks : after1000;
    const withConsumer = backsOff ? withBackoff : afterFive;
    expect(properties).toMatchObject(consumer === undefined ? forTwoWeeks : withConsumer);
  });

  test('hides a message for longer than its consumer runs, and the consumer reports which messages failed', () => {
    const longest = Number(consumer?.properties['Timeout'] ?? 29);

    expect(Number(properties['VisibilityTimeout'] ?? Infinity)).toBeGreaterThan(longest);
    expect(JSON.stringify(consumer?.properties['Events'] ?? 'ReportBatchItemFailures')).toContain(
      'ReportBatchItemFailures',
    );
  });
});

test('the access log is in the cheaper log class', () => {
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

  test('calls the authorizer on every route by default, and caches its decision for a minute', () => {
    expect(api['Auth']).toMatchObject({
      DefaultAuthorizer: 'Tokens',
      Authorizers: {
        Tokens: { EnableSimpleResponses: true, Identity: { Headers: ['Authorization'], ReauthorizeEvery: 60 } },
      },
    });
  });

  test('allows web pages of another origin only if a parameter names the origin', () => {
    expect(record(api['CorsConfiguration'])['AllowOrigins']).toEqual([{ Ref: 'CorsOrigin' }]);
    // No real domain ends in .invalid (RFC 2606), so the default allows no origin.
    expect(record(parameters['CorsOrigin'])['Default']).toMatch(/^https:\/\/[a-z]+\.invalid$/);
  });

  test('limits the rate of every route, with lower limits for expensive routes', () => {
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
