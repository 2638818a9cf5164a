/** Reads template.yaml with its nested stacks into the model that the host runs. */
import { resolve } from 'node:path';
import { readEvents, readObjectFilter } from './events.ts';
import { functionProperties, readFunction } from './functions.ts';
import type { ApplicationModel, CorsModel } from './model.ts';
import type { Endpoints } from './references.ts';
import { Stack } from './stack.ts';
import type { Resource } from './stack.ts';
import { list, number, record, text } from './values.ts';
import type { Properties } from './values.ts';

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

const SUBSCRIPTION_ATTRIBUTES = ['FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery'];

type ResourceReader = (model: ApplicationModel, stack: Stack, resource: Resource) => void;

/** SQS and SNS require text for every attribute. A mapping in the template (`FilterPolicy`) becomes JSON. */
function attributesOf(properties: Properties, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (properties[name] === undefined ? [] : [[name, text(properties[name])]])),
  );
}

function addSubscription(model: ApplicationModel, topicArn: string, owner: string, properties: Properties): void {
  const protocol = text(properties['Protocol']);
  if (protocol !== 'sqs') model.notes.push(`${owner}: a subscription by ${protocol} is not delivered locally.`);
  else {
    const queueArn = text(properties['Endpoint']);
    model.subscriptions.push({ topicArn, queueArn, attributes: attributesOf(properties, SUBSCRIPTION_ATTRIBUTES) });
  }
}

const READERS: Record<string, ResourceReader> = {
  'AWS::Serverless::Function': (model, stack, resource) => {
    const properties = functionProperties(stack, resource);
    const fn = readFunction(stack, resource, properties);
    model.functions.push(fn);
    readEvents(stack, fn, properties['Events'], model);
  },
  'AWS::SQS::Queue': (model, stack, resource) => {
    const name = text(stack.getAtt(resource.logicalId, 'QueueName'));
    model.queues.push({ name, attributes: attributesOf(stack.resolvedProperties(resource), QUEUE_ATTRIBUTES) });
  },
  'AWS::SNS::Topic': (model, stack, resource) => {
    const arn = text(stack.ref(resource.logicalId));
    model.topics.push(text(stack.getAtt(resource.logicalId, 'TopicName')));
    for (const subscription of list(stack.resolvedProperties(resource)['Subscription'])) {
      addSubscription(model, arn, resource.logicalId, record(subscription));
    }
  },
  'AWS::SNS::Subscription': (model, stack, resource) => {
    const properties = stack.resolvedProperties(resource);
    addSubscription(model, text(properties['TopicArn']), resource.logicalId, properties);
  },
  'AWS::S3::Bucket': (model, stack, resource) => {
    const bucket = text(stack.ref(resource.logicalId));
    model.buckets.push(bucket);
    const { NotificationConfiguration: notifications } = stack.resolvedProperties(resource);
    for (const configuration of list(record(notifications)['QueueConfigurations']).map(record)) {
      model.objectQueues.push({
        queueName: text(configuration['Queue']).replace(/^.*:/, ''),
        bucket,
        events: [text(configuration['Event'])],
        ...readObjectFilter(configuration['Filter']),
      });
    }
  },
};

/** Reads the CORS settings of SAM's implicit HTTP API from `Globals`, their only place in a template. */
function readCors(stack: Stack): CorsModel | undefined {
  const configuration = record(stack.template.globals['HttpApi'])['CorsConfiguration'];
  if (configuration === undefined) return undefined;
  const resolved = record(stack.resolve(configuration, 'Globals.HttpApi'));
  const texts = (name: string): string[] => list(resolved[name]).map(text);
  return {
    origins: texts('AllowOrigins'),
    methods: texts('AllowMethods'),
    headers: texts('AllowHeaders'),
    exposedHeaders: texts('ExposeHeaders'),
    maxAgeSeconds: number(resolved['MaxAge'], 0),
  };
}

function readStack(stack: Stack, model: ApplicationModel): void {
  for (const resource of stack.resources()) READERS[resource.type]?.(model, stack, resource);
  for (const nested of stack.nestedStacks()) readStack(nested, model);
}

/**
 * Reads the template at `file` as the stack `stackName` with these parameters.
 * @throws TemplateError that names the file and the faulty resource
 */
export function readTemplate(
  file: string,
  options: { stackName: string; parameters: Record<string, string>; endpoints: Endpoints },
): ApplicationModel {
  const { stackName: name, parameters, endpoints } = options;
  const stack = new Stack({ file: resolve(file), name, idPrefix: '', parameters, endpoints });
  const model: ApplicationModel = {
    functions: [],
    routes: [],
    queueSources: [],
    objectSources: [],
    objectQueues: [],
    schedules: [],
    queues: [],
    topics: [],
    subscriptions: [],
    buckets: [],
    outputs: {},
    notes: [],
  };
  const cors = readCors(stack);
  if (cors !== undefined) model.cors = cors;
  readStack(stack, model);
  model.outputs = stack.outputs();
  return model;
}
