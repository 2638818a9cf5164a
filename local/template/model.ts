/** The parts of a template that the local host runs. Every intrinsic is resolved to a local value. */
import { UserError } from '../user-error.ts';

export interface FunctionModel {
  /** The logical ids of the enclosing stacks and of the function: `DbProxy/DbProxyFunction`. */
  id: string;
  name: string;
  arn: string;
  /** Absolute path of `CodeUri`. */
  codeFolder: string;
  handler: string;
  runtime: 'nodejs' | 'python';
  /** Absolute paths of its layers' content. */
  layers: string[];
  /** `Metadata.BuildProperties`, in the template's own words (`EntryPoints`, `Minify`, ...). */
  build?: Record<string, unknown>;
  environment: Record<string, string>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  reservedConcurrency?: number;
  /** Retries after an asynchronous invocation fails. */
  asynchronousRetries: number;
}

/** A Lambda authorizer. */
export interface AuthorizerModel {
  functionName: string;
  /** Headers that form the cache key, in lowercase. A request that lacks one is refused without a call. */
  identityHeaders: string[];
  /** How long a decision is cached. */
  ttlSeconds: number;
}

/** The cross-origin pages that may use the API. */
export interface CorsModel {
  origins: string[];
  methods: string[];
  headers: string[];
  exposedHeaders: string[];
  maxAgeSeconds: number;
}

export interface RouteModel {
  /** `GET` */
  method: string;
  /** `/forms/{formId}` */
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

/** The changes of objects that cause a notification. */
export interface ObjectFilter {
  bucket: string;
  /** `s3:ObjectCreated:*` */
  events: string[];
  prefix: string;
  suffix: string;
}

export interface ObjectSourceModel extends ObjectFilter {
  functionName: string;
}

/** A bucket's notifications to a queue. */
export interface ObjectQueueModel extends ObjectFilter {
  queueName: string;
}

export interface ScheduleModel {
  functionName: string;
  arn: string;
  everyMilliseconds: number;
}

export interface QueueModel {
  name: string;
  /** Attributes under the names that SQS's API gives them. */
  attributes: Record<string, string>;
}

export interface SubscriptionModel {
  topicArn: string;
  queueArn: string;
  /** Attributes under the names that SNS's API gives them. */
  attributes: Record<string, string>;
}

export interface ApplicationModel {
  functions: FunctionModel[];
  routes: RouteModel[];
  /** Absent without a CorsConfiguration. */
  cors?: CorsModel;
  queueSources: QueueSourceModel[];
  objectSources: ObjectSourceModel[];
  objectQueues: ObjectQueueModel[];
  schedules: ScheduleModel[];
  queues: QueueModel[];
  /** Their names. */
  topics: string[];
  subscriptions: SubscriptionModel[];
  buckets: string[];
  outputs: Record<string, unknown>;
  /** Sentences that name the parts of the template which do not run locally. */
  notes: string[];
}

/** A template that cannot be read. The message names the file and the resource. */
export class TemplateError extends UserError {}
