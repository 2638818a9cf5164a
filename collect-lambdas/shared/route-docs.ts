/** What the API's description says of a route beyond its schemas. No bundle of a function contains it. */
import type * as z from 'zod';
import type { ProblemKind } from './problem.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** A parameter. Its JSON Schema comes from `schema`, else from the zod schema that reads it. */
export interface ParameterDocs {
  description: string;
  /** Where code decides more than the zod schema shows. */
  schema?: JsonSchema;
  /** What reads it, where the route's `query` does not. */
  source?: z.core.$ZodType;
  /** Used if no file of events/ sends the parameter. */
  example?: string | number;
  /** Swagger UI would fill in an example, and few callers want that. */
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
  /** By media type; absent if there is no body. An example of a text or a picture is text. */
  content?: Record<string, { schema: z.ZodType | JsonSchema; example?: unknown }>;
}

export interface RouteDocs<QueryName extends string = string> {
  /** In camel case; unique. */
  operationId: string;
  summary: string;
  /** Markdown: what a caller needs and the schemas do not say. */
  description: string;
  /** A route whose example requests fit this one too. */
  examplesOf?: string;
  /** Each variable of the path. */
  path?: Record<string, ParameterDocs>;
  /** Each query parameter. */
  query?: { [Name in QueryName]: ParameterDocs };
  headers?: Record<string, ParameterDocs>;
  /** By media type, if the route's `body` does not say it. */
  body?: Record<string, JsonSchema>;
  replies: Record<number, ReplyDocs>;
  /** What it may refuse. Added to it: `internal`, and what follows from `roles`, `query` and `body`. */
  problems?: readonly ProblemKind[];
  /** The file of events/ by which a new version of the Lambda is tried before it gets traffic. One route has it. */
  smoke?: string;
}

/** @param name of a schema in openapi/schemas */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A reply in JSON. */
export function json(schema: z.ZodType | JsonSchema, example: unknown): NonNullable<ReplyDocs['content']> {
  return { 'application/json': { schema, example } };
}

/** A reply with a JSON body and no headers of its own. */
export function jsonReply(description: string, schema: z.ZodType | JsonSchema, example: unknown): ReplyDocs {
  return { description, content: json(schema, example) };
}

export const FORM_ID_SCHEMA = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' };

export const FORM_ID: ParameterDocs = {
  description: 'The id of a form; `GET /forms` lists them.',
  schema: FORM_ID_SCHEMA,
  example: 'household_finances',
};

/** What `isId` takes, as far as a schema can say it. */
export const ID_SCHEMA = { type: 'string', minLength: 1, maxLength: 128, pattern: '^\\S(?:[\\s\\S]*\\S)?$' };

export const PAGE_LIMIT: ParameterDocs = {
  description: 'The most items that the page has.',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
};

export const CURSOR: ParameterDocs = {
  description: 'Where the page starts: the `next_cursor` of the page before, with the same other parameters.',
};

export const PAGE = { limit: PAGE_LIMIT, cursor: CURSOR };

/** Spares the caller a reply that it has. */
export const IF_NONE_MATCH: ParameterDocs = {
  description: 'The `ETag` of the reply that you have: 304 if it still holds.',
  schema: { type: 'string' },
  withoutExamples: true,
};

export const ETAG: Record<string, HeaderDocs> = {
  ETag: { description: 'Send it as `If-None-Match` the next time.', schema: { type: 'string' } },
};

/** A time that the server sets. */
export const SAVED_AT = '2026-09-01T06:01:02.345Z';
