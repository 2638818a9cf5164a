/** Checks both kinds of database (aws-templates/database.yaml), and how the stack uses them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTemplate } from '../../local/template/parse.ts';
import { Stack } from '../../local/template/stack.ts';
import { isRecord, record } from '../../local/template/values.ts';
import { resources } from './read-templates.ts';

/** The stack with these parameters: resources whose condition is true, with intrinsics resolved. */
function deploy(parameters: Record<string, string>) {
  const endpoints = { services: 'http://127.0.0.1', httpApi: 'http://127.0.0.1' };
  const file = path.resolve('template.yaml');
  const root = new Stack({ file, name: 'collect', idPrefix: '', parameters, endpoints });
  const stack = (name: string): Stack => root.nestedStacks().find(({ options }) => options.name.endsWith(name)) ?? root;
  const find = (name: string, type: string) =>
    stack(name)
      .resources()
      .filter((each) => each.type === type)
      .map((each) => ({ ...each, properties: stack(name).resolvedProperties(each) }));
  return {
    database: (type: string) => find('-Database', type),
    alarms: find('-Alarms', 'AWS::CloudWatch::Alarm'),
    proxy: find('-DbProxy', 'AWS::Serverless::Function').find(({ logicalId }) => logicalId === 'DbProxyFunction')
      ?.properties,
    proxyPolicies: JSON.stringify(find('-DbProxyRole', 'AWS::IAM::Role')),
  };
}

const kinds = { instance: deploy({}), serverless: deploy({ DatabaseKind: 'serverless' }) };
const environmentOf = (stack: ReturnType<typeof deploy>) => record(record(stack.proxy?.['Environment'])['Variables']);

/** The security groups, the groups that may connect to them, and the ports. */
function chain(stack: ReturnType<typeof deploy>): unknown[] {
  const name = (value: unknown): string =>
    String(value)
      .replace(/^local-/, '')
      .replace(/-GroupId$/, '');
  return stack
    .database('AWS::EC2::SecurityGroupIngress')
    .map(({ properties }) => [
      name(properties['SourceSecurityGroupId']),
      name(properties['GroupId']),
      properties['FromPort'],
    ]);
}

describe.each(Object.entries(kinds))('a database of the kind %s', (_kind, stack) => {
  test('is encrypted, private, backed up and protected', () => {
    const [store] = [...stack.database('AWS::RDS::DBCluster'), ...stack.database('AWS::RDS::DBInstance')];

    expect(store?.properties).toMatchObject({
      StorageEncrypted: true,
      DeletionProtection: true,
      BackupRetentionPeriod: 14,
      CopyTagsToSnapshot: true,
      MasterUsername: 'collect',
    });
    for (const { properties } of stack.database('AWS::RDS::DBInstance')) {
      expect(properties['PubliclyAccessible']).toBe(false);
    }
  });

  test('has an alarm for its connections and for its load', () => {
    const watched = stack.alarms.filter(({ properties }) => properties['Namespace'] === 'AWS/RDS');

    expect(watched.map(({ logicalId }) => logicalId)).toEqual(
      expect.arrayContaining(['DatabaseConnections', 'DatabaseCpu']),
    );
  });

  test('refuses unencrypted connections', () => {
    const [group] = [
      ...stack.database('AWS::RDS::DBParameterGroup'),
      ...stack.database('AWS::RDS::DBClusterParameterGroup'),
    ];

    expect(['1', 'ON']).toContain(record(group?.properties['Parameters'])['require_secure_transport']);
  });
});

test('resources with data, and the resources that these need, remain when the stack is deleted', () => {
  const held =
    /^AWS::(RDS::DB(Instance|Cluster|ParameterGroup|ClusterParameterGroup|SubnetGroup)|SecretsManager::Secret)$/;
  const kept = resources.filter(({ file, type }) => file.endsWith('database.yaml') && held.test(type));

  expect(kept).toHaveLength(7);
  for (const { definition } of kept) {
    expect(definition).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
});

describe('an instance', () => {
  const stack = kinds.instance;

  test('accepts only RDS Proxy, and only RDS Proxy knows the password', () => {
    expect(chain(stack)).toEqual([
      ['ProxyFunctionGroup', 'RdsProxyGroup', 3306],
      ['RdsProxyGroup', 'DatabaseGroup', 3306],
    ]);
    expect(stack.database('AWS::RDS::DBProxy')).toMatchObject([
      { properties: { RequireTLS: true, Auth: [{ IAMAuth: 'REQUIRED' }] } },
    ]);
    expect(stack.database('AWS::RDS::DBInstance')).toMatchObject([{ properties: { ManageMasterUserPassword: true } }]);
    expect(environmentOf(stack)).toMatchObject({ DB_PASSWORD: '', DB_IDLE_SECONDS: '' });
    expect(stack.proxyPolicies).toContain('rds-db:connect');
  });

  test('has a lock wait timeout of five seconds in its parameter group, because RDS Proxy would pin sessions that set it', () => {
    const [group] = stack.database('AWS::RDS::DBParameterGroup');

    expect(group?.properties['Parameters']).toMatchObject({ innodb_lock_wait_timeout: '5' });
  });
});

describe('a serverless database', () => {
  const stack = kinds.serverless;
  const [cluster] = stack.database('AWS::RDS::DBCluster');

  test('pauses: its smallest capacity is 0, its version can pause, and no connection stays open', () => {
    expect(cluster?.properties).toMatchObject({
      Engine: 'aurora-mysql',
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4, SecondsUntilAutoPause: 300 },
    });
    const [, minor] = /^8\.0\.mysql_aurora\.3\.(\d+)\.\d+$/.exec(String(cluster?.properties['EngineVersion'])) ?? [];
    expect(Number(minor)).toBeGreaterThanOrEqual(8);
    expect(stack.database('AWS::RDS::DBProxy')).toEqual([]);
    expect(stack.database('AWS::RDS::DBInstance')).toMatchObject([
      { properties: { DBInstanceClass: 'db.serverless' } },
    ]);
    expect(environmentOf(stack)).toMatchObject({ DB_IDLE_SECONDS: '60' });
  });

  test('accepts only the db-proxy, with a password that no template shows and no role may read', () => {
    expect(chain(stack)).toEqual([['ProxyFunctionGroup', 'DatabaseGroup', 3306]]);
    const password = '{{resolve:secretsmanager:local-Password:SecretString:password::}}';
    expect(cluster?.properties).toMatchObject({ MasterUserPassword: password });
    expect(environmentOf(stack)).toMatchObject({ DB_PASSWORD: password });
    expect(stack.proxyPolicies).not.toMatch(/rds-db:connect|secretsmanager/);
  });

  test('gets a rotated password in the same deployment as the function', () => {
    const rotated = deploy({ DatabaseKind: 'serverless', DatabasePasswordVersion: 'v2' });
    const password = '{{resolve:secretsmanager:local-Password:SecretString:password::v2}}';

    expect(rotated.database('AWS::RDS::DBCluster')).toMatchObject([{ properties: { MasterUserPassword: password } }]);
    expect(environmentOf(rotated)).toMatchObject({ DB_PASSWORD: password });
  });
});

describe('the execution environments of the db-proxy', () => {
  const CONNECTIONS = 2;

  test.each([
    // RDS allows 325 connections to a db.t4g.medium; 90 % are for the proxy. Aurora allows 135 with 4 capacity units.
    ['instance', kinds.instance, Math.floor(325 * 0.9)],
    ['serverless', kinds.serverless, 135],
  ])('together open at most the connections that the kind %s allows', (_kind, stack, connections) => {
    const reserved = Number(stack.proxy?.['ReservedConcurrentExecutions']);

    expect(reserved).toBeGreaterThan(0);
    expect(reserved * CONNECTIONS).toBeLessThanOrEqual(connections);
  });

  test('fit the smallest serverless database, which has 4 capacity units', () => {
    expect(record(parseTemplate('template.yaml').parameters['DatabaseMaxCapacity'])['MinValue']).toBe(4);
  });

  test('are limited only by the account if DbProxyConcurrency is 0', () => {
    expect(deploy({ DbProxyConcurrency: '0' }).proxy).not.toHaveProperty('ReservedConcurrentExecutions');
  });
});

test('an existing database replaces the created one; with the serverless kind idle connections also close', () => {
  const brought = { DatabaseHost: 'db.example.org', DatabaseResourceId: 'cluster-1', DatabaseSecurityGroupId: 'sg-1' };
  const stack = deploy({ ...brought, DatabaseKind: 'serverless' });

  expect(stack.database('AWS::RDS::DBCluster')).toEqual([]);
  expect(stack.database('AWS::RDS::DBInstance')).toEqual([]);
  expect(chain(stack)).toEqual([['ProxyFunctionGroup', 'sg-1', 3306]]);
  expect(environmentOf(stack)).toMatchObject({ DB_HOST: 'db.example.org', DB_PASSWORD: '', DB_IDLE_SECONDS: '60' });
  expect(
    stack.alarms.filter(({ properties }) => isRecord(properties) && properties['Namespace'] === 'AWS/RDS'),
  ).toEqual([]);
});

describe('an existing database with a password', () => {
  const network = { VpcId: 'vpc-1', SubnetIds: 'subnet-1,subnet-2', DatabaseSecurityGroupId: 'sg-database' };
  const brought = deploy({ DatabaseUrl: 'mysql://user@db.example.org/collect', DatabaseCa: 'PEM', ...network });

  test('replaces the created one; its group allows the db-proxy, which gets the URL and the certificate', () => {
    expect([...brought.database('AWS::RDS::DBInstance'), ...brought.database('AWS::RDS::DBCluster')]).toEqual([]);
    expect(chain(brought)).toEqual([['ProxyFunctionGroup', 'sg-database', 3306]]);
    expect(environmentOf(brought)).toMatchObject({
      DATABASE_URL: 'mysql://user@db.example.org/collect',
      DATABASE_CA: 'PEM',
    });
  });

  test('is refused without its network, before anything is created', () => {
    const [rule = ''] = /^Rules:\n(?: .*\n)+/m.exec(readFileSync('template.yaml', 'utf8')) ?? [];

    expect(rule).toContain('!Ref DatabaseUrl');
    for (const name of Object.keys(network)) expect(rule).toMatch(new RegExp(`- Assert: !Not .*!Ref ${name}\\b`));
  });
});
