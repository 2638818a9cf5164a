/** Bodies of requests: the very schemas that the Lambdas read them by. */
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
import { derivedFactSchema, formSchema, ruleSchema } from '../../forms/form-definition.ts';
import { LIMITS } from '../../forms/limits.ts';
import { OPERATORS } from '../../forms/operators.ts';
import { questionSchema } from '../../forms/question-types/index.ts';
import { toComponents } from '../json-schema.ts';
import { arrayOf, ref, type JsonSchema } from '../model.ts';

/** The id stands in the address already; `version` is what it is based on. */
const formToStore = formSchema
  .partial({ form_id: true })
  .extend({ version: z.int().min(1).max(999_999_999).optional() });

const dryRun = z.strictObject({ ...dryRunBody.shape, rules: z.array(ruleSchema).max(LIMITS.rules) });

const converted = toComponents(
  {
    FormDefinition: formToStore,
    Question: questionSchema,
    DerivedFact: derivedFactSchema,
    Rule: ruleSchema,
    DryRunRequest: dryRun,
    ExportRequest: exportBody,
    Birthday: putHelloBody,
    NewToken: newToken,
    TaskValues: taskBody,
    TaskChanges: taskChanges,
    PersonValues: personBody,
    PersonChanges: personChanges,
    NamedValues: namedBody,
    NamedChanges: namedChanges,
    // Read by code, and written below.
    Condition: ruleSchema.shape.conditions,
    Time: time,
  },
  'input',
);

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

const DESCRIPTIONS: Record<string, string> = {
  FormDefinition:
    'A form: its questions, the facts derived from their answers, and the rules that a response must keep. `version` is the one that was read and changed, if any.',
  Question: 'A question: its `key` in the payload, its `column` in tables, and what it takes.',
  DerivedFact: 'The sum of the facts in `add` less those in `subtract`, each a question or a fact declared earlier.',
  Rule: 'What must hold of a response, and what the collector is told when it does not. The message may hold `{fact}` places, which the figures fill.',
  DryRunRequest: 'Rules to try, and `since` when only responses saved at or after it matter.',
  ExportRequest: 'Which table goes where.',
  Birthday: 'A day of birth, before today.',
  NewToken: 'Whose token it is, and for how many days. `user_id` is that of a collector.',
  TaskValues: 'A task.',
  TaskChanges: 'The members of a task that change; the others stay.',
  PersonValues: 'A person. `user_id` is that of a collector.',
  PersonChanges: 'The members of a person that change; the others stay.',
  NamedValues: 'A company or a task status.',
  NamedChanges: 'The new name.',
};

export const requestSchemas: Record<string, JsonSchema> = {
  ...Object.fromEntries(
    Object.entries(DESCRIPTIONS).map(([name, description]) => [name, { description, ...converted[name] }]),
  ),
  Condition: CONDITION,
  Comparison: COMPARISON,
};
