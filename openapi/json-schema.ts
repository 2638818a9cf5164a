/** Converts zod schemas to JSON Schema, in the dialect of OpenAPI 3.1 (2020-12). */
import * as z from 'zod';
import type { JsonSchema } from '../collect-lambdas/shared/route-docs.ts';

/** Schemas by their names in the components. A schema that contains another refers to it by name. */
export type NamedSchemas = Record<string, z.ZodType>;

/** For these formats zod also writes a pattern, which is redundant. */
const FORMATS_BEFORE_PATTERNS = new Set(['date', 'date-time', 'uuid']);

/** `input` is what a caller sends, `output` what a Lambda replies. */
type Direction = 'input' | 'output';

/** Converts one schema, without references. */
export function toJsonSchema(schema: z.core.$ZodType, direction: Direction): JsonSchema {
  const { $schema: _dialect, ...converted } = z.toJSONSchema(schema, options(direction));
  return converted;
}

/** Converts schemas that refer to each other. */
export function toComponents(named: NamedSchemas, direction: Direction): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    ...options(direction),
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, id: _name, ...schema }]) => [id, schema]),
  );
}

function options(direction: Direction) {
  return {
    io: direction,
    unrepresentable: 'any',
    override: ({ jsonSchema }: { jsonSchema: JsonSchema }) => tidy(jsonSchema, direction),
  } as const;
}

/** Removes redundant members. */
function tidy(schema: JsonSchema, direction: Direction): void {
  if (schema['pattern'] === z.regexes.date.source) {
    schema['format'] = 'date';
    delete schema['pattern'];
  }
  if (FORMATS_BEFORE_PATTERNS.has(String(schema['format']))) delete schema['pattern'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (JSON.stringify(schema['propertyNames']) === '{"type":"string"}') delete schema['propertyNames'];
  if ('const' in schema) delete schema['type'];
  if (direction === 'input') return;
  delete schema['default'];
  // Later versions may add members to replies, which callers ignore.
  if (schema['additionalProperties'] === false) delete schema['additionalProperties'];
}
