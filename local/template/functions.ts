/** Reads `AWS::Serverless::Function`, with its `Globals`. */
import { dirname, join } from 'node:path';
import { TemplateError } from './model.ts';
import type { FunctionModel } from './model.ts';
import type { Resource, Stack } from './stack.ts';
import { isRecord, list, number, record, text } from './values.ts';
import type { Properties } from './values.ts';

/** The beginnings of the names of runtimes that run here. */
const RUNTIMES = ['nodejs', 'python'] as const;

/** SAM's rule: mappings are merged, lists are appended, and other values of the function replace the global values. */
function merge(global: unknown, own: unknown): unknown {
  if (own === undefined) return global;
  if (Array.isArray(global) && Array.isArray(own)) return [...(global as unknown[]), ...(own as unknown[])];
  if (!isRecord(global) || !isRecord(own)) return own;
  const keys = new Set([...Object.keys(global), ...Object.keys(own)]);
  return Object.fromEntries([...keys].map((key) => [key, merge(global[key], own[key])]));
}

/** Properties of the function with the globals merged in, resolved. */
export function functionProperties(stack: Stack, resource: Resource): Properties {
  const merged = record(merge(record(stack.template.globals['Function']), resource.properties));
  return record(stack.resolve(merged, resource.logicalId));
}

function environmentOf(properties: Properties): Record<string, string> {
  const variables = record(record(properties['Environment'])['Variables']);
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, text(value)]));
}

/**
 * Reads one function from its resolved properties.
 * @throws TemplateError when it is not a zip package of Node.js or Python code in a local folder.
 */
export function readFunction(stack: Stack, resource: Resource, properties: Properties): FunctionModel {
  const { logicalId, metadata } = resource;
  const { CodeUri: codeUri = '.', Handler: handler, Runtime: runtime = 'nodejs' } = properties;
  const fail = (reason: string): never => {
    throw new TemplateError(`${stack.template.file}: ${logicalId}: ${reason}`);
  };
  if (typeof codeUri !== 'string') fail('CodeUri must be a local folder');
  if (typeof handler !== 'string') fail('a function needs a Handler');
  const [language] = RUNTIMES.filter((each) => text(runtime).startsWith(each));
  if (language === undefined) return fail(`cannot run the runtime ${text(runtime)}`);
  const build = metadata['BuildProperties'];
  const reserved = properties['ReservedConcurrentExecutions'];
  return {
    id: `${stack.options.idPrefix}${logicalId}`,
    name: text(stack.ref(logicalId)),
    arn: text(stack.getAtt(logicalId, 'Arn')),
    codeFolder: join(dirname(stack.template.file), text(codeUri)),
    handler: text(handler),
    runtime: language,
    layers: list(properties['Layers']).map(text),
    ...(isRecord(build) && { build: record(stack.resolve(build, logicalId)) }),
    environment: environmentOf(properties),
    timeoutSeconds: number(properties['Timeout'], 3),
    memoryMegabytes: number(properties['MemorySize'], 128),
    ...(reserved !== undefined && { reservedConcurrency: Number(reserved) }),
    asynchronousRetries: number(record(properties['EventInvokeConfig'])['MaximumRetryAttempts'], 2),
  };
}
