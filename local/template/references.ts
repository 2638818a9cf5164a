/** The local values of `Ref` and `GetAtt`, by type of resource. */
import { dirname, join } from 'node:path';
import { text } from './values.ts';
import type { Properties } from './values.ts';

export const REGION = 'us-east-1';
export const ACCOUNT_ID = '000000000000';

export interface Reference {
  ref: string;
  attributes: Record<string, string>;
}

/** The local addresses of AWS's services (S3, SQS and SNS) and of the HTTP API. */
export interface Endpoints {
  services: string;
  httpApi: string;
}

/** The ARN of a local resource: `arn:aws:sqs:us-east-1:000000000000:name`. */
export function arnOf(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT_ID}:${resource}`;
}

export const functionArn = (name: string): string => arnOf('lambda', `function:${name}`);

/**
 * A resource's name. Default names lack CloudFormation's random part: they must be the same at every start, so that queues
 * and buckets keep their content.
 */
function physicalName(given: unknown, stackName: string, logicalId: string): string {
  return given === undefined ? `${stackName}-${logicalId}` : text(given);
}

/**
 * The local references of a resource with resolved `properties`. Resources that do not run here (roles, databases, alarms)
 * get placeholders.
 *
 * @param stack its name, and the template to which its paths are relative
 */
export function describeResource(
  resource: { type: string; logicalId: string; properties: Properties },
  stack: { name: string; file: string; endpoints: Endpoints },
): Reference {
  const { name: stackName, file, endpoints } = stack;
  const { type, logicalId, properties } = resource;
  const named = (given: unknown): string => physicalName(given, stackName, logicalId);
  switch (type) {
    case 'AWS::Serverless::Function': {
      const name = named(properties['FunctionName']);
      return { ref: name, attributes: { Arn: functionArn(name) } };
    }
    case 'AWS::SQS::Queue': {
      const name = named(properties['QueueName']);
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
      return { ref: 'local', attributes: { ApiEndpoint: endpoints.httpApi, ApiId: 'local' } };
    case 'AWS::Serverless::LayerVersion':
      return { ref: join(dirname(file), text(properties['ContentUri'])), attributes: {} };
    case 'AWS::RDS::DBProxy':
      return { ref: named(properties['DBProxyName']), attributes: { DBProxyArn: arnOf('rds', 'db-proxy:prx-local') } };
    default:
      return placeholder(logicalId);
  }
}

/** The references of a resource that does not exist locally. */
export function placeholder(logicalId: string): Reference {
  return {
    ref: `local-${logicalId}`,
    attributes: { Arn: arnOf('local', logicalId) },
  };
}
