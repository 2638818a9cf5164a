/** What `Ref` and `GetAtt` give on one machine, per resource type. */
import { dirname, join } from 'node:path';
import { text } from './values.ts';
import type { Properties } from './values.ts';

export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';

export interface Reference {
  ref: string;
  attributes: Record<string, string>;
}

/** Where the parts of AWS that this machine plays are served: fauxqs, and the HTTP API. */
export interface Endpoints {
  services: string;
  httpApi: string;
}

/** The ARN that a resource of this account has: `arn:aws:sqs:us-east-1:000000000000:name`. */
export function arnOf(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${resource}`;
}

export const functionArn = (name: string): string => arnOf('lambda', `function:${name}`);

/**
 * The name that a resource gets when the template gives none. CloudFormation adds a random part; here the name
 * must be the same on every start, so that queues and buckets keep what is in them.
 */
function physicalName(given: unknown, stackName: string, logicalId: string): string {
  return given === undefined ? `${stackName}-${logicalId}` : text(given);
}

/**
 * Local identity of a resource with resolved `properties`. Types that are not run here (roles, databases, alarms)
 * get placeholders: their references must resolve, and nothing on this machine calls them.
 *
 * @param stack its name, and the template that its paths are relative to
 */
export function describeResource(
  resource: { type: string; logicalId: string; properties: Properties },
  stack: { name: string; file: string; endpoints: Endpoints },
): Reference {
  const { name: stackName, file, endpoints } = stack;
  const { type, logicalId, properties } = resource;
  const named = (given: unknown): string => physicalName(given, stackName, logicalId);
  switch (type) {
    case 'AWS::Serverless::Function':
    case 'AWS::Lambda::Function': {
      const name = named(properties['FunctionName']);
      return { ref: name, attributes: { Arn: functionArn(name) } };
    }
    case 'AWS::SQS::Queue': {
      const fifo = text(properties['FifoQueue']) === 'true' && properties['QueueName'] === undefined ? '.fifo' : '';
      const name = named(properties['QueueName']) + fifo;
      const url = `${endpoints.services}/${ACCOUNT_ID}/${name}`;
      return { ref: url, attributes: { Arn: arnOf('sqs', name), QueueName: name, QueueUrl: url } };
    }
    case 'AWS::SNS::Topic': {
      const name = named(properties['TopicName']);
      const arn = arnOf('sns', name);
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    }
    case 'AWS::S3::Bucket': {
      const name = named(properties['BucketName']).toLowerCase();
      const domain = `${name}.s3.amazonaws.com`;
      return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: domain, RegionalDomainName: domain } };
    }
    case 'AWS::Serverless::HttpApi':
    case 'AWS::ApiGatewayV2::Api':
      return { ref: 'local', attributes: { ApiEndpoint: endpoints.httpApi, ApiId: 'local' } };
    case 'AWS::Serverless::LayerVersion':
      // Functions take its content from where it is.
      return { ref: join(dirname(file), text(properties['ContentUri'])), attributes: {} };
    case 'AWS::RDS::DBProxy':
      return { ref: named(properties['DBProxyName']), attributes: { DBProxyArn: arnOf('rds', 'db-proxy:prx-local') } };
    case 'AWS::Lambda::Alias':
      return { ref: `${functionArn(text(properties['FunctionName']))}:${text(properties['Name'])}`, attributes: {} };
    default:
      return placeholder(logicalId);
  }
}

/** References to a resource that does not exist here: text of a plausible form for each attribute that ends in Arn. */
export function placeholder(logicalId: string): Reference {
  return {
    ref: `local-${logicalId}`,
    attributes: { Arn: arnOf('local', logicalId) },
  };
}
