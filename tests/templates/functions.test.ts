/** Checks each function in the templates: its role, log group, alarm and deployment. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { versionVariable } from '../../collect-lambdas/pre-traffic/smoke-events.ts';
import { parseTemplate } from '../../local/template/parse.ts';
import { list, record, text } from '../../local/template/values.ts';
import { functions, named, ofType, statements, variablesOf } from './read-templates.ts';
import type { TemplateResource } from './read-templates.ts';

const SERVING = /"HttpApi"/;
/** Functions without routes whose callers wait for the reply. */
const UNROUTED = ['AuthorizerFunction', 'DbProxyFunction'];

const parameterOf = ({ properties }: TemplateResource, name: string) => record(properties['Parameters'])[name];
const entryPointOf = (definition: Record<string, unknown>) =>
  text(list(record(record(definition['Metadata'])['BuildProperties'])['EntryPoints'])[0]);

describe.each(functions.map(named))('the function %s', (_name, { properties, logicalId, file }) => {
  test.each(['Role', 'LoggingConfig'])('has a %s that no other function has', (name) => {
    const all = functions.map((each) => JSON.stringify(each.properties[name]));
    const own = JSON.stringify(properties[name]);

    expect(own).toMatch(name === 'Role' ? /Role/ : /"LogGroup":/);
    expect(all.filter((each) => each === own)).toHaveLength(1);
    expect(properties['Policies']).toBeUndefined();
  });

  test('logs none of Lambda’s lines about successful invocations', () => {
    const global = record(record(parseTemplate(file).globals['Function'])['LoggingConfig']);

    expect({ ...global, ...record(properties['LoggingConfig']) }).toMatchObject({
      LogFormat: 'JSON',
      SystemLogLevel: 'WARN',
    });
  });

  const isReleased = SERVING.test(JSON.stringify(properties['Events'] ?? {})) || UNROUTED.includes(logicalId);

  test('has the alarms for its kind of function, or is a hook, whose failures CodeDeploy shows', () => {
    const alarms = ofType('AWS::Serverless::Application').filter(
      (each) => each.file === file && isDeepStrictEqual(parameterOf(each, 'FunctionName'), { Ref: logicalId }),
    );
    const isHook = JSON.stringify(properties['FunctionName'] ?? '').includes('CodeDeployHook_');
    const kind = isReleased ? 'function' : 'worker';

    expect(alarms.map((each) => path.basename(text(each.properties['Location'])))).toEqual(
      isHook ? [] : [`${kind}-alarms.yaml`],
    );
  });

  test('shifts its traffic in steps, with its alarm and a hook, if callers wait for its reply', () => {
    const alarms = logicalId === 'DbProxyFunction' ? 'Alarms' : logicalId.replace(/Function$/, 'Alarms');
    const stepwise = {
      AutoPublishAlias: 'live',
      DeploymentPreference: {
        Type: { Ref: 'DeploymentType' },
        Alarms: [{ 'Fn::GetAtt': `${alarms}.Outputs.Failures` }],
        Hooks: { PreTraffic: { Ref: file === 'template.yaml' ? 'PreTrafficFunction' : 'MigrateFunction' } },
      },
    };

    const { AutoPublishAlias, DeploymentPreference } = properties;
    expect({ AutoPublishAlias, DeploymentPreference }).toEqual(isReleased ? stepwise : {});
  });
});

test('the hook invokes each new version of the functions in template.yaml, and may invoke only these', () => {
  const released = functions.filter(
    ({ file, properties }) => file === 'template.yaml' && properties['AutoPublishAlias'] !== undefined,
  );
  const versions = released.map(({ logicalId }) => ({ Ref: `${logicalId}.Version` }));
  const hook = functions.find(({ logicalId }) => logicalId === 'PreTrafficFunction');
  const variables = released.map(({ logicalId, definition }) => [
    versionVariable(path.basename(path.dirname(entryPointOf(definition)))),
    { Ref: `${logicalId}.Version` },
  ]);

  expect(variablesOf(record(hook?.properties))).toEqual(Object.fromEntries(variables));
  const [invoking] = statements.filter(
    ({ where, actions }) => where === 'template.yaml PreTrafficRole' && actions.includes('lambda:InvokeFunction'),
  );
  expect(new Set(invoking?.resources)).toEqual(new Set(versions));
});

test.each(ofType('AWS::Logs::LogGroup').map(named))('%s deletes old log lines', (_name, { properties }) => {
  expect(properties['RetentionInDays']).toEqual({ Ref: 'LogRetentionDays' });
});

test.each(ofType('AWS::CloudWatch::Alarm').map(named))(
  'the alarm %s notifies the alarm topic',
  (_name, { properties }) => {
    expect(properties['AlarmActions']).toEqual([{ Ref: 'AlarmTopicArn' }]);
  },
);

test('the runbook’s table of alarms lists every alarm', () => {
  const [, section = ''] = /\n## Alarms\n(.*?)\n## /s.exec(readFileSync('docs/runbook.md', 'utf8')) ?? [];
  const described = new Set([...section.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => cell.split(/\W+/)));

  const names = ofType('AWS::CloudWatch::Alarm').map(({ logicalId }) => logicalId);
  expect(names.filter((name) => !described.has(name))).toEqual([]);
});
