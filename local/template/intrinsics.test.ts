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

/** A template with one function whose environment has the value under test. */
function environmentOf(value: string, rest = ''): string | undefined {
  const { functions } = read(`
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Environment:
        Variables:
          VALUE: ${value}
  Queue: { Type: AWS::SQS::Queue }
  Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: news } }
  Bucket: { Type: AWS::S3::Bucket }
  Database: { Type: AWS::RDS::DBInstance }
${rest}`);
  return functions[0]?.environment['VALUE'];
}

describe('intrinsic functions', () => {
  test.each([
    ['!Ref AWS::Region', 'us-east-1'],
    ['!Ref Hello', 'app-Hello'],
    ['!GetAtt Hello.Arn', 'arn:aws:lambda:us-east-1:000000000000:function:app-Hello'],
    ['!Ref Queue', 'http://127.0.0.1:4566/000000000000/app-Queue'],
    ['!GetAtt Queue.Arn', 'arn:aws:sqs:us-east-1:000000000000:app-Queue'],
    ['!GetAtt [Queue, QueueName]', 'app-Queue'],
    ['!Ref Topic', 'arn:aws:sns:us-east-1:000000000000:news'],
    ['!Ref Bucket', 'app-bucket'],
    ['!GetAtt Database.Endpoint.Address', 'local-Database-Endpoint-Address'],
    ['!Sub "${AWS::StackName}/${Queue.QueueName}/${!Kept}"', 'app/app-Queue/${Kept}'],
    ['!Sub ["${A}-${Hello}", { A: !Ref AWS::AccountId }]', '000000000000-app-Hello'],
    ['!Join [",", [a, !Ref Hello, c]]', 'a,app-Hello,c'],
    ['!Select [1, !Split ["|", "a|b|c"]]', 'b'],
    ['!Select [0, !GetAZs ""]', 'us-east-1a'],
    ['{ "Fn::Join": ["-", [x, { Ref: Hello }]] }', 'x-app-Hello'],
    ['12', '12'],
    ['true', 'true'],
  ])('%s gives %s', (expression, value) => {
    expect(environmentOf(expression)).toBe(value);
  });

  test('conditions choose between values and omit resources', () => {
    const rest = `
  Absent: { Type: AWS::SQS::Queue, Condition: IsAbsent }
Parameters:
  Stage: { Type: String, Default: test }
Conditions:
  IsLive: !Equals [!Ref Stage, live]
  IsTest: !Not [!Condition IsLive]
  IsBoth: !And [!Condition IsLive, !Condition IsTest]
  IsAbsent: !Or [!Condition IsLive, !Condition IsBoth]
`;
    expect(environmentOf('!If [IsTest, !Ref Stage, none]', rest)).toBe('test');
    expect(environmentOf('!If [IsLive, on, !Ref AWS::NoValue]', rest)).toBeUndefined();
    expect(
      read(`Resources: { Q: { Type: AWS::SQS::Queue, Condition: No } }\nConditions: { No: !Equals [a, b] }`).queues,
    ).toEqual([]);
  });

  test('an alias and a version of a function resolve as SAM resolves them', () => {
    const { outputs } = read(`
Resources:
  Hello: { Type: AWS::Serverless::Function, Properties: { Handler: index.handler, AutoPublishAlias: live } }
Outputs:
  Alias: { Value: !Ref Hello.Alias }
  Generated: { Value: !Ref HelloAliaslive }
  Version: { Value: !Ref Hello.Version }
  Role: { Value: !GetAtt HelloRole.Arn }
  Url: { Value: !Sub 'https://\${ServerlessHttpApi}.example.org' }`);

    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:app-Hello';
    expect(outputs).toEqual({
      Alias: `${arn}:live`,
      Generated: `${arn}:live`,
      Version: `${arn}:1`,
      Role: 'arn:aws:local:us-east-1:000000000000:HelloRole',
      Url: 'https://local.example.org',
    });
  });
});
