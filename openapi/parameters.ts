/** Parameters, from the schemas that the Lambdas read them by. */
import * as z from 'zod';
import { toJsonSchema } from './json-schema.ts';
import type { JsonSchema, Parameter } from './model.ts';

/** What a schema does not say of its parameter: what it is for and, where code decides, what it may be. */
export interface Said {
  description: string;
  schema?: JsonSchema;
  example?: string | number;
}

/**
 * The parameters of a query, each with what is said of it: one more or less does not compile.
 *
 * @param shape as `readQuery` takes it
 */
export function query<Shape extends z.ZodRawShape>(
  shape: Shape,
  said: { [Name in keyof Shape & string]: Said },
): Parameter[] {
  return parametersOf('query', shape, said);
}

export function parametersOf<Shape extends z.ZodRawShape>(
  place: Parameter['in'],
  shape: Shape,
  said: { [Name in keyof Shape & string]: Said },
): Parameter[] {
  return Object.entries<Said>(said).map(([name, { description, schema, example }]) => {
    const source = shape[name];
    if (source === undefined) throw new Error(`${name} has no schema.`);
    return {
      in: place,
      name,
      required: place === 'path' || !z.safeParse(source, undefined).success,
      description,
      schema: { ...(schema ?? toJsonSchema(source, 'input')) },
      source,
      ...(example !== undefined && { example }),
    };
  });
}

/** A variable of the path that no schema reads. */
export function pathVariable(name: string, said: Required<Pick<Said, 'schema'>> & Said): Parameter {
  return { in: 'path', name, required: true, ...said };
}

export const FORM_ID = pathVariable('form_id', {
  description: 'The id of a form; `GET /forms` lists them.',
  schema: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' },
  example: 'household_finances',
});

/** What `isId` takes, as far as a schema can say it. */
export const ID_SCHEMA = { type: 'string', minLength: 1, maxLength: 128, pattern: '^\\S(?:[\\s\\S]*\\S)?$' };

export const PAGE_LIMIT: Said = {
  description: 'How many items the page has at most.',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
};

export const CURSOR: Said = {
  description: 'Where the page starts: the `next_cursor` of the page before, with the same other parameters.',
};

/** A header that a caller may send to spare itself an answer that it has. */
export const IF_NONE_MATCH: Parameter = {
  in: 'header',
  name: 'If-None-Match',
  required: false,
  description: 'The `ETag` of the answer that you have: 304 when it still holds.',
  schema: { type: 'string' },
  withoutExamples: true,
};
