/** Holds answers against openapi.json: status, headers, content type, and every member of a body. */
import { ofType } from '../../openapi/document.ts';
import type { OpenapiDocument, OpenapiOperation, OpenapiResponse } from '../../openapi/openapi.ts';
import { createJudge, resolveResponse } from '../support/openapi.ts';

/** An operation, with where it is. */
export interface Documented {
  path: string;
  method: string;
  operation: OpenapiOperation;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Documented, and not in every answer. */
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

/** Makes what tells of an operation's answer what it has that is not documented, or lacks. */
export function createFaultFinder(document: OpenapiDocument): (operationId: string, answer: Answer) => string[] {
  const judge = createJudge(document, { closed: true });

  function headerFaults({ headers = {} }: OpenapiResponse, answer: Answer): string[] {
    return Object.entries(headers).flatMap(([name, { schema }]) => {
      const value = answer.headers.get(name);
      if (value === null) return SOMETIMES.has(name) ? [] : [`${name} is missing`];
      return judge(schema, ofType(schema, value)).map((fault) => `${name}${fault}`);
    });
  }

  function bodyFaults({ content }: OpenapiResponse, { headers, text }: Answer): string[] {
    if (content === undefined) return text === '' ? [] : ['there is a body'];
    const type = mediaTypeOf(headers);
    const mediaType = content[type];
    if (mediaType === undefined) return [`${type} is not documented`];
    return judge(mediaType.schema, type.endsWith('json') ? JSON.parse(text) : text);
  }

  return (operationId, answer) => {
    const documented = findOperation(document, operationId).operation.responses[answer.status];
    if (documented === undefined) return [`${answer.status} is not documented`];
    const response = resolveResponse(document, documented);
    return [...headerFaults(response, answer), ...bodyFaults(response, answer)];
  };
}

/** Without its parameters; '' when there is none. */
export function mediaTypeOf(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';')[0] ?? '';
}
