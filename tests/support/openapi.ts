/** Validates values against the schemas of an OpenAPI document. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { JsonSchema } from '../../collect-lambdas/shared/route-docs.ts';
import type { OpenapiDocument, OpenapiResponse } from '../../openapi/openapi.ts';
import { isRecord } from '../../local/template/values.ts';

/** Returns a line for each violation of the schema; empty if the value is valid. */
export type Validator = (schema: JsonSchema, value: unknown) => string[];

/**
 * Creates a validator for the document's schemas, in the dialect 2020-12.
 *
 * @param closed whether objects may have only documented members. The document allows additional members in replies, but a
 * test must find undocumented members.
 */
export function createValidator(document: OpenapiDocument, { closed }: { closed: boolean }): Validator {
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: fullFormats });
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => [
    name,
    // `Problem` stays open: every kind of problem extends it with further members.
    closed && name !== 'Problem' ? close(schema) : schema,
  ]);
  ajv.addSchema({ $id: 'openapi', components: { schemas: Object.fromEntries(schemas) } });
  const compiled = new Map<string, ValidateFunction>();

  return (schema, value) => {
    const key = JSON.stringify(schema);
    const validate = compiled.get(key) ?? ajv.compile(absolute(closed ? close(schema) : schema));
    compiled.set(key, validate);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    );
  };
}

/** Makes the references in a schema absolute, because the schema is compiled outside of the document. */
function absolute(value: unknown): JsonSchema {
  const schema: unknown = JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/', '"$ref":"openapi#/'));
  return isRecord(schema) ? schema : {};
}

/** Closes objects that list their members. An `allOf` may have the members of all its parts. */
function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => close(each));
  if (!isRecord(value)) return value;
  const { allOf, ...others } = value;
  const closed = Object.fromEntries(Object.entries(others).map(([keyword, content]) => [keyword, close(content)]));
  if (allOf !== undefined) return { ...closed, allOf, unevaluatedProperties: false };
  const isOpen = isRecord(value['properties']) && value['additionalProperties'] === undefined;
  return isOpen ? { ...closed, additionalProperties: false } : closed;
}

/** Resolves a response that may be a reference to components. */
export function resolveResponse({ components }: OpenapiDocument, response: OpenapiResponse): OpenapiResponse {
  if (response.$ref === undefined) return response;
  const resolved = components.responses[response.$ref.slice('#/components/responses/'.length)];
  if (resolved === undefined) throw new Error(`${response.$ref} does not exist.`);
  return resolved;
}
