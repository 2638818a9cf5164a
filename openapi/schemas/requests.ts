/** Bodies of requests: the schemas by which the Lambdas read them. */
import * as z from 'zod';
import { exportBody } from '../../collect-lambdas/exports/request.ts';
import { dryRunBody } from '../../collect-lambdas/forms/dry-run.ts';
import { putHelloBody } from '../../collect-lambdas/hello/request.ts';
import { time } from '../../collect-lambdas/shared/time.ts';
import { newToken } from '../../collect-lambdas/tokens/request.ts';
import {
  namedBody,
  namedChanges,
  personBody,
  personChanges,
  taskBody,
  taskChanges,
} from '../../collect-lambdas/tasks/requests.ts';
import { arrayOf, ref, type JsonSchema } from '../../collect-lambdas/shared/route-docs.ts';
import { derivedFactSchema, formSchema, ruleSchema } from '../../forms/form-definition.ts';
import { LIMITS } from '../../forms/limits.ts';
import { OPERATORS } from '../../forms/operators.ts';
import { questionSchema } from '../../forms/question-types/index.ts';
import { toComponents, toJsonSchema } from '../json-schema.ts';

/** The address has the id; `version` is the version that was changed. */
const formToStore = formSchema
  .partial({ form_id: true })
  .extend({ version: z.int().min(1).max(999_999_999).optional() });

const dryRun = z.strictObject({ ...dryRunBody.shape, rules: z.array(ruleSchema).max(LIMITS.rules) });

const NAMED: Record<string, { schema: z.ZodType; description: string }> = {
  FormDefinition: {
    schema: formToStore,
    description:
      'A form: its questions, the facts derived from their answers, and the rules that a response must keep. `version` is the one that was read and changed, if any.',
  },
  Question: {
    schema: questionSchema,
    description: 'A question: its `key` in the payload, its `column` in tables, and the answers that it takes.',
  },
  DerivedFact: {
    schema: derivedFactSchema,
    description: 'The sum of the facts in `add` minus those in `subtract`, each a question or a fact declared earlier.',
  },
  Rule: {
    schema: ruleSchema,
    description:
      'What must hold of a response, and the message to the collector if it does not. Figures replace the `{fact}` places of the message.',
  },
  DryRunRequest: { schema: dryRun, description: 'Rules to try. With `since`, on responses saved at or after it only.' },
  ExportRequest: { schema: exportBody, description: 'Which table goes where.' },
  Birthday: { schema: putHelloBody, description: 'A date of birth before today.' },
  NewToken: {
    schema: newToken,
    description: 'The role of a token, and for how many days it is valid. `user_id` is that of a collector.',
  },
  TaskValues: { schema: taskBody, description: 'A task.' },
  TaskChanges: { schema: taskChanges, description: 'The members of a task that change; the others stay.' },
  PersonValues: { schema: personBody, description: 'A person. `user_id` is that of a collector.' },
  PersonChanges: { schema: personChanges, description: 'The members of a person that change; the others stay.' },
  NamedValues: { schema: namedBody, description: 'A company or a task status.' },
  NamedChanges: { schema: namedChanges, description: 'The new name.' },
};

const converted = toComponents(
  {
    ...Object.fromEntries(Object.entries(NAMED).map(([name, { schema }]) => [name, schema])),
    // Read by code, and written below.
    Condition: ruleSchema.shape.conditions,
    Time: time,
  },
  'input',
);

/** The schema of a body: a reference if it is one of the named ones. */
export function bodySchema(body: z.ZodType): JsonSchema {
  const name = Object.keys(NAMED).find((each) => NAMED[each]?.schema === body);
  return name === undefined ? toJsonSchema(body, 'input') : ref(name);
}

/** What `readConditions` reads, as far as a schema can say it. */
const CONDITION: JsonSchema = {
  description: `What must hold: a comparison, or \`all\`, \`any\` or \`not\` of others, nested at most ${LIMITS.depth} deep.`,
  anyOf: [
    ...['all', 'any'].map((name) => member(name, { ...arrayOf(ref('Condition')), minItems: 1 })),
    member('not', ref('Condition')),
    ref('Comparison'),
  ],
};

const COMPARISON: JsonSchema = {
  type: 'object',
  properties: {
    fact: { type: 'string', description: "A question's key, or the name of a derived fact." },
    operator: { type: 'string', enum: OPERATORS },
    value: {
      description: 'A constant, a list of constants for `in` and `notIn`, or another fact.',
      anyOf: [
        { type: ['string', 'number', 'boolean'] },
        { ...arrayOf({ type: ['string', 'number', 'boolean'] }), minItems: 1, maxItems: LIMITS.list },
        member('fact', { type: 'string' }),
      ],
    },
  },
  required: ['fact', 'operator', 'value'],
  additionalProperties: false,
};

/** An object with this one member. */
function member(name: string, schema: JsonSchema): JsonSchema {
  return { type: 'object', properties: { [name]: schema }, required: [name], additionalProperties: false };
}

export const requestSchemas: Record<string, JsonSchema> = {
  ...Object.fromEntries(
    Object.entries(NAMED).map(([name, { description }]) => [name, { description, ...converted[name] }]),
  ),
  Condition: CONDITION,
  Comparison: COMPARISON,
};
