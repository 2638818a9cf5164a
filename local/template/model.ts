/** What the local host needs to know of a template, with every intrinsic resolved to a local value. */
import { UserError } from '../user-error.ts';

/** `Metadata.BuildProperties` of a function, in the template's own words (`EntryPoints`, `Minify`, ...). */
export type BuildProperties = Record<string, unknown>;

export interface FunctionModel {
  /** Logical id, prefixed with those of the nested stacks it is in: `DbProxy/DbProxyFunction`. */
  id: string;
  name: string;
  arn: string;
  /** Absolute path of `CodeUri`. */
  codeFolder: string;
  handler: string;
  /** Absolute paths of what its layers hold. */
  layers: string[];
  build?: BuildProperties;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  reservedConcurrency?: number;
  /** Retries of an asynchronous invoke that failed. */
  asynchronousRetries: number;
}

/** A Lambda that API Gateway asks whether a request may pass. */
export interface AuthorizerModel {
  functionName: string;
  /** The headers that make up the key of its answers, in lower case; a request without one is refused unasked. */
  identityHeaders: string[];
  /** For how many seconds an answer is kept. */
  ttlSeconds: number;
}

/** Which web pages of other origins may read what the API answers. */
export interface CorsModel {
  origins: string[];
  methods: string[];
  headers: string[];
  exposedHeaders: string[];
  maxAgeSeconds: number;
}

export interface RouteModel {
  /** `GET`, ..., or `ANY`. */
  method: string;
  /** `/forms/{formId}`, `/{proxy+}`, or `$default`. */
  path: string;
  functionName: string;
  authorizer?: AuthorizerModel;
}

export interface QueueSourceModel {
  functionName: string;
  queueName: string;
  queueArn: string;
  batchSize: number;
  batchingWindowSeconds: number;
  maximumConcurrency: number;
  reportsBatchItemFailures: boolean;
}

export interface ObjectSourceModel {
  functionName: string;
  bucket: string;
  /** `s3:ObjectCreated:*` */
  events: string[];
  prefix: string;
  suffix: string;
}

export interface ScheduleModel {
  functionName: string;
  arn: string;
  everyMilliseconds: number;
  /** The event to send instead of EventBridge's own. */
  input?: string;
}

export interface QueueModel {
  name: string;
  /** Attributes under the names that SQS's API gives them. */
  attributes: Record<string, string>;
}

export interface TopicModel {
  name: string;
  arn: string;
}

export interface SubscriptionModel {
  topicArn: string;
  protocol: 'sqs' | 'lambda';
  /** ARN of the queue or of the function. */
  endpoint: string;
  /** Attributes under the names that SNS's API gives them. */
  attributes: Record<string, string>;
}

export interface ApplicationModel {
  functions: FunctionModel[];
  routes: RouteModel[];
  /** Absent where the template says nothing of it. */
  cors?: CorsModel;
  queueSources: QueueSourceModel[];
  objectSources: ObjectSourceModel[];
  schedules: ScheduleModel[];
  queues: QueueModel[];
  topics: TopicModel[];
  subscriptions: SubscriptionModel[];
  buckets: string[];
  outputs: Record<string, unknown>;
  /** What the template asks for and this host does not run, one sentence each. */
  notes: string[];
}

/** A template that cannot be understood. The message names the file and the resource. */
export class TemplateError extends UserError {}
