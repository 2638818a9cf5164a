/** What is said of an operation here, before it becomes OpenAPI. */
import type * as z from 'zod';
import type { ProblemKind } from '../collect-lambdas/shared/problem.ts';

export type JsonSchema = { [keyword: string]: unknown };

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required: boolean;
  description: string;
  schema: JsonSchema;
  /** What the Lambda reads it by, where that is a schema. */
  source?: z.core.$ZodType;
  /** An example, where no file of events/ sends the parameter. */
  example?: string | number;
  /** No examples: Swagger UI would fill the first one in, and few callers want that. */
  withoutExamples?: true;
}

/** A header of an answer. */
export interface Header {
  description: string;
  schema: JsonSchema;
}

/** An answer other than a problem. */
export interface Answer {
  description: string;
  headers?: Record<string, Header>;
  /** By media type; absent when there is no body. An example of a text or a picture is text. */
  content?: Record<string, { schema: JsonSchema; example?: unknown }>;
}

export interface Operation {
  /** In camel case; unlike every other. */
  operationId: string;
  /** A route whose requests show this one too, as their bodies do for another address. */
  examplesOf?: string;
  summary: string;
  /** Markdown. What a caller needs and the schemas do not say. */
  description: string;
  parameters?: readonly Parameter[];
  /** By media type. */
  body?: Record<string, JsonSchema>;
  answers: Record<number, Answer>;
  /** What it may refuse, beside `internal`, which anything may answer. */
  problems: readonly ProblemKind[];
}

/** A Lambda's operations, by route: `POST /collect`. */
export type Operations = Record<string, Operation>;

/** One Lambda. Its name is that of its folder. */
export interface Tag {
  name: string;
  description: string;
  operations: Operations;
}

/** @param name of a schema in components */
export function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function json(schema: JsonSchema, example?: unknown): NonNullable<Answer['content']> {
  return { 'application/json': { schema, ...(example !== undefined && { example }) } };
}

/** A picture. */
export function svg(example: string): NonNullable<Answer['content']> {
  return { 'image/svg+xml': { schema: { type: 'string' }, example } };
}
