/** Schemas of responses, made from a form's fields: the same list with which `compileForm` parses responses. */
import { householdFinances } from '../../forms/definition/household-finances.ts';
import { ref, type JsonSchema } from '../../collect-lambdas/shared/route-docs.ts';
import { METADATA, VERSION_KEY } from '../../forms/definition/metadata.ts';
import { placesOf } from '../../forms/definition/question-tree.ts';
import { AMOUNT_SCHEMA } from '../../forms/question-types/decimal.ts';
import { type Field, jsonSchemaOf } from '../../forms/question-types/index.ts';
import { TIME_SCHEMA } from '../../forms/question-types/datetime.ts';

/** Schemas that many fields share; the document defines each once, under this name. */
const SHARED = new Map([
  [AMOUNT_SCHEMA, 'Amount'],
  [TIME_SCHEMA, 'Time'],
]);

const VERSION_SCHEMA: JsonSchema = {
  description:
    'The version of the form that the response was filled in with. By default, the newest version that it fits.',
  anyOf: [{ type: 'integer', minimum: 1, maximum: 999_999_999 }, { type: 'null' }],
};

const ANSWER: JsonSchema = {
  anyOf: [
    { type: ['string', 'number', 'boolean', 'null'] },
    {
      description: 'The names of the chosen options, or the entries of a repeat.',
      type: 'array',
      items: { type: ['string', 'object'] },
    },
    { description: 'A place, or the answers of a group.', type: 'object' },
  ],
};

/** Null means no answer, so optional fields accept it. */
function fieldSchema(field: Field): JsonSchema {
  const own = jsonSchemaOf(field);
  const shared = SHARED.get(own);
  const schema = shared === undefined ? own : ref(shared);
  return field.required ? schema : { anyOf: [schema, { type: 'null' }] };
}

function payload(fields: readonly Field[], others: JsonSchema | false): JsonSchema {
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(fields.map((field) => [field.key, fieldSchema(field)])),
      [VERSION_KEY]: VERSION_SCHEMA,
    },
    required: fields.filter((field) => field.required).map((field) => field.key),
    additionalProperties: others,
  };
}

export const payloadSchemas: Record<string, JsonSchema> = {
  Amount: AMOUNT_SCHEMA,
  Time: TIME_SCHEMA,
  HouseholdFinances: {
    description:
      'A response to the form `household_finances`: metadata, and the answers under the keys of their questions.',
    ...payload(
      [...METADATA, ...placesOf(householdFinances.questions).questions.map(({ question }) => question)],
      false,
    ),
  },
  Response: {
    description:
      'A response to any form: metadata, and the answers under the keys of their questions. `GET /forms/{form_id}` returns the questions and the answers that each accepts.',
    ...payload(METADATA, ANSWER),
  },
};
