/** A route's part of the API's description, beyond its schemas. No function's bundle contains it. */
import type * as z from 'zod';
import type { ProblemKind } from './problem.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** A parameter. Its JSON Schema comes from `schema`, else from the zod schema that reads it. */
export interface ParameterDocs {
  description: string;
  /** Needed if the code checks more than the zod schema shows. */
  schema?: JsonSchema;
  /** The schema that reads the parameter, if the route's `query` does not. */
  source?: z.core.$ZodType;
  /** Used if no file of events/ sends the parameter. */
  example?: string | number;
  /** Keeps Swagger UI from filling in an example. */
  withoutExamples?: true;
}

/** A header of a reply. */
export interface HeaderDocs {
  description: string;
  schema: JsonSchema;
}

/** A reply other than a problem. */
export interface ReplyDocs {
  description: string;
  headers?: Record<string, HeaderDocs>;
  /** By media type; absent if there is no body. The example of a text or a picture is a string. */
  content?: Record<string, { schema: z.ZodType | JsonSchema; example?: unknown }>;
}

export interface RouteDocs<QueryName extends string = string> {
  /** In camel case; unique. */
  operationId: string;
  summary: string;
  /** Markdown, with the facts that a caller needs and the schemas do not show. */
  description: string;
  /** Another route, whose example requests are also examples of this route. */
  examplesOf?: string;
  /** Each variable of the path. */
  path?: Record<string, ParameterDocs>;
  /** Each query parameter. */
  query?: { [Name in QueryName]: ParameterDocs };
  headers?: Record<string, ParameterDocs>;
  /** The request body by media type, if the route has no schema `body`. */
  body?: Record<string, JsonSchema>;
  replies: Record<number, ReplyDocs>;
  /** The problems that the route may return, besides `internal` and the problems of `roles`, `query` and `body`. */
  problems?: readonly ProblemKind[];
  /**
   * The standard that describes requests and replies. The OpenAPI document leaves such routes out, because their replies
   * are not problem details.
   */
  standard?: 'OpenRosa';
  /** The file of events/ that tests a new version of the Lambda before it gets traffic. One route per Lambda has it. */
  smoke?: string;
}

/** @param name of a schema in openapi/schemas */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A reply with a JSON body. */
export function jsonReply(
  description: string,
  schema: z.ZodType | JsonSchema,
  example: unknown,
  headers?: Record<string, HeaderDocs>,
): ReplyDocs {
  return { description, ...(headers && { headers }), content: { 'application/json': { schema, example } } };
}

export function svgReply(description: string, example: string, headers?: Record<string, HeaderDocs>): ReplyDocs {
  const content = { 'image/svg+xml': { schema: { type: 'string' }, example } };
  return { description, ...(headers && { headers }), content };
}

export const FORM_ID_SCHEMA = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' };

export const FORM_ID: ParameterDocs = {
  description: 'The id of a form; `GET /forms` lists them.',
  schema: FORM_ID_SCHEMA,
  example: 'household_finances',
};

/** The ids that `isId` accepts, as far as a JSON Schema can express it. */
export const ID_SCHEMA = { type: 'string', minLength: 1, maxLength: 128, pattern: '^\\S(?:[\\s\\S]*\\S)?$' };

export const PAGE_LIMIT: ParameterDocs = {
  description: 'Maximum number of items in the page.',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
};

export const CURSOR: ParameterDocs = {
  description: 'Where the page starts: `next_cursor` of the previous page. Send the same other parameters.',
};

export const PAGE = { limit: PAGE_LIMIT, cursor: CURSOR };

/** Lets a caller skip a reply that it already has. */
export const IF_NONE_MATCH: ParameterDocs = {
  description: 'The `ETag` of the reply that you have. The reply is 304 if it is still current.',
  schema: { type: 'string' },
  withoutExamples: true,
};

export const ETAG: Record<string, HeaderDocs> = {
  ETag: { description: 'Send it as `If-None-Match` the next time.', schema: { type: 'string' } },
};

/** A time that the server sets. */
export const SAVED_AT = '2026-09-01T06:01:02.345Z';
