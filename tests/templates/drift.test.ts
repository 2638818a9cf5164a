/** Checks aws-templates/drift.yaml: a rule that detects drift each day, and its alarm. */
import { readFileSync } from 'node:fs';
import { resources, statements } from './read-templates.ts';

const drift = resources.filter(({ file }) => file.endsWith('drift.yaml'));
const find = (type: string) => drift.find((each) => each.type === type);

test('AWS Config’s rule detects drift each day, only in the stacks of this installation', () => {
  expect(find('AWS::Config::ConfigRule')?.properties).toMatchObject({
    Source: { Owner: 'AWS', SourceIdentifier: 'CLOUDFORMATION_STACK_DRIFT_DETECTION_CHECK' },
    MaximumExecutionFrequency: 'TwentyFour_Hours',
    InputParameters: { cloudformationRoleArn: { 'Fn::GetAtt': 'DriftRole.Arn' } },
    Scope: { TagKey: 'collect:installation', TagValue: { Ref: 'StackName' } },
  });
});

test('the role of the rule may read, but may not change anything', () => {
  const { properties } = find('AWS::IAM::Role') ?? {};
  const allowed = statements.filter(({ where }) => where.endsWith('DriftRole')).flatMap(({ actions }) => actions);

  expect(JSON.stringify(properties?.['ManagedPolicyArns'])).toMatch(/:iam::aws:policy\/ReadOnlyAccess"/);
  expect(JSON.stringify(properties?.['AssumeRolePolicyDocument'])).toContain('"Service":"config.amazonaws.com"');
  expect(allowed).toEqual(['cloudformation:DetectStackDrift', 'cloudformation:DetectStackResourceDrift']);
});

test('drift notifies the alarm topic and fires an alarm', () => {
  const [rule, alarm] = [find('AWS::Events::Rule'), find('AWS::CloudWatch::Alarm')];

  expect(rule?.properties).toMatchObject({
    EventPattern: {
      source: ['aws.config'],
      detail: { configRuleName: [{ Ref: 'DriftRule' }], newEvaluationResult: { complianceType: ['NON_COMPLIANT'] } },
    },
    Targets: [{ Arn: { Ref: 'AlarmTopicArn' } }],
  });
  expect(alarm?.properties).toMatchObject({
    Namespace: 'AWS/Events',
    MetricName: 'MatchedEvents',
    Dimensions: [{ Name: 'RuleName', Value: { Ref: 'DriftFound' } }],
    Threshold: 0,
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: 'AlarmTopicArn' }],
  });
});

test('only the rule that reports drift and this account’s alarms may publish to the topic', () => {
  const publishing = statements.filter(
    ({ where, actions }) => where.includes('drift') && actions.includes('sns:Publish'),
  );

  expect(publishing.map(({ condition }) => condition)).toEqual([
    { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': 'DriftFound.Arn' } } },
    { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
  ]);
});

test('template.yaml includes drift.yaml if WatchDrift is true', () => {
  const nested = resources.find(({ file, logicalId }) => file === 'template.yaml' && logicalId === 'Drift');

  expect(nested?.definition['Condition']).toBe('WatchesDrift');
  expect(nested?.properties).toMatchObject({ Location: './aws-templates/drift.yaml' });
});

test('every deployment tags its stacks, so that the rule finds them', () => {
  const config = readFileSync('samconfig.toml', 'utf8');
  const names = [...config.matchAll(/^stack_name = "(.+)"$/gm)].map(([, name]) => name);
  const tags = [...config.matchAll(/^tags = "collect:installation=(.+)"$/gm)].map(([, name]) => name);

  expect(names.length).toBeGreaterThan(0);
  expect(tags).toEqual(names);
});
