/** A function's `Events`: the routes, queues, buckets and schedules that invoke it. */
import { TemplateError } from './model.ts';
import type { ApplicationModel, AuthorizerModel, FunctionModel, ObjectFilter } from './model.ts';
import { arnOf } from './references.ts';
import type { Stack } from './stack.ts';
import { list, number, record, text } from './values.ts';
import type { Properties } from './values.ts';

const MILLISECONDS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MAX_TIMER = 2 ** 31 - 1;

/** Milliseconds of `rate(5 minutes)`; undefined for other expressions and for rates that exceed a timer's range. */
function rateMilliseconds(expression: string): number | undefined {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression.trim()) ?? [];
  const every = Number(count) * (MILLISECONDS[unit] ?? Number.NaN);
  return every > 0 && every <= MAX_TIMER ? every : undefined;
}

/** The prefix and suffix of the keys in a bucket's notification filter. */
export function readObjectFilter(filter: unknown): Pick<ObjectFilter, 'prefix' | 'suffix'> {
  const rules = list(record(record(filter)['S3Key'])['Rules']).map(record);
  const value = (name: string): string =>
    text(rules.find((rule) => text(rule['Name']).toLowerCase() === name)?.['Value']);
  return { prefix: value('prefix'), suffix: value('suffix') };
}

const UNAUTHORIZED = 'NONE';
/** SAM's default. */
const DEFAULT_TTL_SECONDS = 300;

/** The authorizer that a route names, or the default authorizer in the `Globals` of the HTTP API. */
function readAuthorizer(stack: Stack, named: unknown): AuthorizerModel | undefined {
  const auth = record(stack.resolve(record(stack.template.globals['HttpApi'])['Auth'] ?? {}, 'Globals.HttpApi'));
  const name = named ?? auth['DefaultAuthorizer'];
  if (name === undefined || name === UNAUTHORIZED) return undefined;
  const authorizer = record(record(auth['Authorizers'])[text(name)]);
  const identity = record(authorizer['Identity']);
  return {
    functionName: text(authorizer['FunctionArn']).replace(/^arn:.*:function:([^:]+).*$/, '$1'),
    identityHeaders: list(identity['Headers']).map((header) => text(header).toLowerCase()),
    ttlSeconds: number(identity['ReauthorizeEvery'], DEFAULT_TTL_SECONDS),
  };
}

type EventReader = (
  model: ApplicationModel,
  stack: Stack,
  fn: FunctionModel,
  name: string,
  properties: Properties,
) => void;

const READERS: Record<string, EventReader> = {
  HttpApi: (model, stack, fn, name, properties) => {
    const [path, method] = [text(properties['Path']), text(properties['Method']).toUpperCase()];
    if (!/^\/[^+]*$/.test(path) || !/^[A-Z]+$/.test(method) || method === 'ANY') {
      throw new TemplateError(`${stack.template.file}: ${fn.id}: the event ${name} needs one Path and one Method`);
    }
    const authorizer = readAuthorizer(stack, record(properties['Auth'])['Authorizer']);
    model.routes.push({
      path,
      method,
      functionName: fn.name,
      ...(authorizer !== undefined && { authorizer }),
    });
  },
  SQS: (model, _stack, fn, _name, properties) => {
    const queueArn = text(properties['Queue']);
    model.queueSources.push({
      functionName: fn.name,
      queueArn,
      queueName: queueArn.slice(queueArn.lastIndexOf(':') + 1),
      batchSize: number(properties['BatchSize'], 10),
      batchingWindowSeconds: number(properties['MaximumBatchingWindowInSeconds'], 0),
      maximumConcurrency: number(record(properties['ScalingConfig'])['MaximumConcurrency'], 5),
      reportsBatchItemFailures: list(properties['FunctionResponseTypes']).includes('ReportBatchItemFailures'),
    });
  },
  S3: (model, _stack, fn, _name, properties) => {
    const events = properties['Events'];
    model.objectSources.push({
      functionName: fn.name,
      bucket: text(properties['Bucket']),
      events: (Array.isArray(events) ? list(events) : [events]).map(text),
      ...readObjectFilter(properties['Filter']),
    });
  },
  Schedule: (model, _stack, fn, name, properties) => {
    if (properties['State'] === 'DISABLED') return;
    const expression = text(properties['Schedule']);
    const everyMilliseconds = rateMilliseconds(expression);
    if (everyMilliseconds === undefined) {
      model.notes.push(`${fn.id}: the schedule ${name} (${expression}) does not run locally; rate(...) does.`);
      return;
    }
    model.schedules.push({ functionName: fn.name, arn: arnOf('events', `rule/${fn.name}-${name}`), everyMilliseconds });
  },
};

/**
 * Adds the function's resolved events to `model`. For an event of an unsupported type it adds a note.
 * @throws TemplateError when an event has no type.
 */
export function readEvents(stack: Stack, fn: FunctionModel, events: unknown, model: ApplicationModel): void {
  for (const [name, event] of Object.entries(record(events))) {
    const { Type: type, Properties: properties } = record(event);
    if (typeof type !== 'string') {
      throw new TemplateError(`${stack.template.file}: ${fn.id}: the event ${name} needs a Type`);
    }
    const read = READERS[type];
    if (read === undefined) model.notes.push(`${fn.id}: the event ${name} (${type}) does not run locally.`);
    else read(model, stack, fn, name, record(properties));
  }
}
