/** What a field app posts, from a form's fields: the same list that `compileForm` reads responses by. */
import { MAX_AMOUNT_DIGITS, MAX_WHOLE_NUMBER, PLAIN_DECIMAL } from '../../forms/amount.ts';
import { householdFinances } from '../../forms/household-finances.ts';
import type { Field } from '../../forms/form.ts';
import { METADATA } from '../../forms/metadata.ts';
import { fieldsOf } from '../../forms/submission.ts';
import { ref, type JsonSchema } from '../model.ts';
import { ID_SCHEMA } from '../parameters.ts';

/** Two more characters than digits: the sign and the point. */
const AMOUNT: JsonSchema = {
  description: `An exact amount, as a number or as text: at most ${MAX_AMOUNT_DIGITS} digits, at most 4 of them decimals, no exponent. \`5\`, \`"5"\` and \`"5.00"\` are the same.`,
  anyOf: [
    { type: 'number', minimum: -MAX_WHOLE_NUMBER, maximum: MAX_WHOLE_NUMBER },
    { type: 'string', pattern: PLAIN_DECIMAL.source, maxLength: MAX_AMOUNT_DIGITS + 2 },
  ],
};

const TIME: JsonSchema = {
  type: 'string',
  format: 'date-time',
  description: 'A time with its offset as RFC 3339 has it, with up to nine digits of fraction.',
};

const NOT_BLANK = String.raw`\S`;

const ANSWER: JsonSchema = { type: ['string', 'number', 'boolean', 'null'] };

function valueSchema(field: Field): JsonSchema {
  switch (field.type) {
    case 'id':
      return { ...ID_SCHEMA, maxLength: field.max_length, not: { enum: ['.', '..'] } };
    case 'text':
      return { type: 'string', maxLength: field.max_length, ...(field.required && { pattern: NOT_BLANK }) };
    case 'integer':
      return { type: 'integer', minimum: field.min ?? -MAX_WHOLE_NUMBER, maximum: field.max ?? MAX_WHOLE_NUMBER };
    case 'decimal':
      return ref('Amount');
    case 'time':
      return ref('Time');
    case 'choice':
      return { type: 'string', enum: field.options };
    case 'boolean':
      break;
  }
  return { type: 'boolean' };
}

/** An answer that is not required may be null, which is none. */
function fieldSchema(field: Field): JsonSchema {
  return field.required ? valueSchema(field) : { anyOf: [valueSchema(field), { type: 'null' }] };
}

function payload(fields: readonly Field[], others: JsonSchema | false): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.key, fieldSchema(field)])),
    required: fields.filter((field) => field.required).map((field) => field.key),
    additionalProperties: others,
  };
}

export const payloadSchemas: Record<string, JsonSchema> = {
  Amount: AMOUNT,
  Time: TIME,
  HouseholdFinances: {
    description: 'A response to the form `household_finances`: metadata, then the answers under their questions.',
    ...payload(fieldsOf(householdFinances), false),
  },
  Response: {
    description:
      "A response to any form: metadata, and the answers under their questions' keys. `GET /forms/{form_id}` says which questions there are and what each takes.",
    ...payload(METADATA, ANSWER),
  },
};
