/** Compares replies with openapi.json: status, headers, content type, and every member of a body. */
import { ofType } from '../../openapi/document.ts';
import type { OpenapiDocument, OpenapiOperation, OpenapiResponse } from '../../openapi/openapi.ts';
import { createValidator, resolveResponse } from '../support/openapi.ts';

/** An operation with its path and method. */
export interface Documented {
  path: string;
  method: string;
  operation: OpenapiOperation;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** Documented headers that only some replies have. */
const SOMETIMES = new Set(['X-As-Of', 'X-Data-Type']);

/** Every operation, in the document's order. */
export function operationsOf({ paths }: OpenapiDocument): Documented[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** @throws {Error} when the document has no such operation */
export function findOperation(document: OpenapiDocument, operationId: string): Documented {
  const found = operationsOf(document).find(({ operation }) => operation.operationId === operationId);
  if (found === undefined) throw new Error(`There is no operation ${operationId}.`);
  return found;
}

/** A document of some operations, with the components to which they refer. Swagger UI reads the whole document often. */
export function excerptOf(document: OpenapiDocument, operationIds: ReadonlySet<string>): OpenapiDocument {
  const paths: OpenapiDocument['paths'] = {};
  for (const { path, method, operation } of operationsOf(document))
    if (operationIds.has(operation.operationId)) (paths[path] ??= {})[method.toLowerCase()] = operation;
  const { schemas, responses, examples } = document.components;
  const kept = componentsOf(document, paths);
  const components = {
    ...document.components,
    schemas: keptOf(schemas, kept),
    responses: keptOf(responses, kept),
    examples: keptOf(examples, kept),
  };
  return { ...document, paths, components };
}

/** The names of the components to which a part of the document refers, directly or through other components. */
function componentsOf({ components }: OpenapiDocument, part: unknown): Set<string> {
  const named = new Map(Object.values(components).flatMap((each) => Object.entries(each)));
  const found = new Set<string>();
  const add = (within: unknown): void => {
    for (const [, name = ''] of JSON.stringify(within).matchAll(/"#\/components\/\w+\/([^"]+)"/g)) {
      if (found.has(name)) continue;
      found.add(name);
      add(named.get(name));
    }
  };
  add(part);
  return found;
}

function keptOf<Each>(all: Record<string, Each>, kept: ReadonlySet<string>): Record<string, Each> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name)));
}

/** Returns a function that lists the differences between a reply and its documentation. */
export function createFaultFinder(document: OpenapiDocument): (operationId: string, reply: Reply) => string[] {
  const validate = createValidator(document, { closed: true });

  function headerFaults({ headers = {} }: OpenapiResponse, reply: Reply): string[] {
    return Object.entries(headers).flatMap(([name, { schema }]) => {
      const value = reply.headers.get(name);
      if (value === null) return SOMETIMES.has(name) ? [] : [`${name} is missing`];
      return validate(schema, ofType(schema, value)).map((fault) => `${name}${fault}`);
    });
  }

  function bodyFaults({ content }: OpenapiResponse, { headers, text }: Reply): string[] {
    if (content === undefined) return text === '' ? [] : ['there is a body'];
    const type = mediaTypeOf(headers);
    const mediaType = content[type];
    if (mediaType === undefined) return [`${type} is not documented`];
    return validate(mediaType.schema, type.endsWith('json') ? JSON.parse(text) : text);
  }

  return (operationId, reply) => {
    const documented = findOperation(document, operationId).operation.responses[reply.status];
    if (documented === undefined) return [`${reply.status} is not documented`];
    const response = resolveResponse(document, documented);
    return [...headerFaults(response, reply), ...bodyFaults(response, reply)];
  };
}

/** The content type without its parameters; '' if there is none. */
export function mediaTypeOf(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0] ?? '';
}
