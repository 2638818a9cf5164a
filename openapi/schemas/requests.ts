/** Bodies of requests: the schemas with which the Lambdas parse them. */
import * as z from 'zod';
import { exportBody } from '../../collect-lambdas/exports/request.ts';
import { dryRunBody } from '../../collect-lambdas/forms/dry-run.ts';
import { rejudgeBody } from '../../collect-lambdas/forms/handler.ts';
import { putHelloBody } from '../../collect-lambdas/hello/request.ts';
import { time } from '../../collect-lambdas/shared/time.ts';
import { newToken } from '../../collect-lambdas/tokens/request.ts';
import { namedRequests, peopleRequests, taskRequests } from '../../collect-lambdas/tasks/requests.ts';
import { arrayOf, ref, type JsonSchema } from '../../collect-lambdas/shared/route-docs.ts';
import { expressionSchema } from '../../forms/language/expression.ts';
import { EXPRESSION_OPERATORS } from '../../forms/language/expression-operators.ts';
import { derivedFactSchema, formSchema, ruleSchema, uniqueSchema } from '../../forms/definition/form-definition.ts';
import { LIMITS } from '../../forms/values/limits.ts';
import { OPERATORS } from '../../forms/language/operators.ts';
import { itemDefinition, questionsSchema } from '../../forms/question-types/index.ts';
import { optionSchema } from '../../forms/question-types/options.ts';
import { texts } from '../../forms/values/texts.ts';
import { toComponents, toJsonSchema } from '../json-schema.ts';

/** The path has the id; `version` is the version on which the change is based. */
const formToStore = formSchema
  .partial({ form_id: true })
  .extend({ version: z.int().min(1).max(999_999_999).optional() });

const dryRun = z.strictObject({
  ...dryRunBody.shape,
  rules: z.array(ruleSchema).max(LIMITS.rules).optional(),
  facts: z.array(derivedFactSchema).max(LIMITS.facts).optional(),
  definition: formToStore.optional(),
});

const NAMED: Record<string, { schema: z.ZodType; description: string }> = {
  FormDefinition: {
    schema: formToStore,
    description:
      'A form: its questions, the facts derived from their answers, and the rules for responses. `version` is the version on which the change is based, if any.',
  },
  Question: {
    schema: itemDefinition,
    description:
      'A question, or a group or repeat of questions: its `name` (`column` is the older word), its `key` in the payload if that is another, and the answers that it takes.',
  },
  Questions: { schema: questionsSchema, description: 'Questions, groups and repeats, in their order.' },
  Texts: { schema: texts, description: 'A text for people: one for all languages, or one per language.' },
  QuestionOption: {
    schema: optionSchema,
    description:
      'An option of a question: its name in the payload, its label, and the answers to an earlier question that it needs.',
  },
  DerivedFact: {
    schema: derivedFactSchema,
    description:
      'The value of an expression, or the sum of the facts in `add` minus those in `subtract`. It uses questions, metadata and facts declared earlier.',
  },
  Rule: {
    schema: ruleSchema,
    description:
      'A condition that every response should meet, and the message to the collector if one does not. `{fact}` in the message stands for the value of that fact.',
  },
  UniqueList: {
    schema: uniqueSchema,
    description:
      'Questions whose answers no two responses should share. `{other}` in the message stands for the id of the other response. `within` counts days between the submitted times.',
  },
  DryRunRequest: {
    schema: dryRun,
    description:
      'A definition to try, or rules and derived facts in place of those of the form. `sample` is a response to try it on. With `since`, only responses saved at or after that time are checked.',
  },
  RejudgeRequest: {
    schema: rejudgeBody,
    description: 'With `since`, only responses saved at or after that time are judged.',
  },
  ExportRequest: { schema: exportBody, description: 'Which table to export, and where to.' },
  Birthday: { schema: putHelloBody, description: 'A date of birth before today.' },
  NewToken: {
    schema: newToken,
    description:
      'The role of a token, and for how many days it is valid. `user_id` is required for a collector and not allowed for other roles.',
  },
  TaskValues: { schema: taskRequests.body, description: 'A task.' },
  TaskChanges: {
    schema: taskRequests.changes,
    description: 'The members of a task to change; the others stay as they are.',
  },
  PersonValues: { schema: peopleRequests.body, description: 'A person. Send `user_id` if the person is a collector.' },
  PersonChanges: {
    schema: peopleRequests.changes,
    description: 'The members of a person to change; the others stay as they are.',
  },
  NamedValues: { schema: namedRequests.body, description: 'A company or a task status.' },
  NamedChanges: { schema: namedRequests.changes, description: 'The new name.' },
};

const converted = toComponents(
  {
    ...Object.fromEntries(Object.entries(NAMED).map(([name, { schema }]) => [name, schema])),
    // Parsed by code; the schemas are written by hand.
    Condition: ruleSchema.shape.conditions,
    Expression: expressionSchema,
    Time: time,
  },
  'input',
);

/** The schema of a body; a reference if the schema has a name. */
export function bodySchema(body: z.ZodType): JsonSchema {
  const name = Object.keys(NAMED).find((each) => NAMED[each]?.schema === body);
  return name === undefined ? toJsonSchema(body, 'input') : ref(name);
}

/** The conditions that `readConditions` accepts, as far as a schema can express them. */
const CONDITION: JsonSchema = {
  description: `A comparison, or \`all\`, \`any\` or \`not\` of other conditions, nested at most ${LIMITS.depth} deep.`,
  anyOf: [
    ...['all', 'any'].map((name) => member(name, { ...arrayOf(ref('Condition')), minItems: 1 })),
    member('not', ref('Condition')),
    ref('Comparison'),
  ],
};

const COMPARISON: JsonSchema = {
  type: 'object',
  properties: {
    fact: { type: 'string', description: "A question's key, a key of metadata, or the name of a derived fact." },
    operator: { type: 'string', enum: OPERATORS },
    value: {
      description:
        'A constant, a list of constants for `in` and `notIn`, the two bounds of `between`, or another fact. `answered` and `notAnswered` have none.',
      anyOf: [
        { type: ['string', 'number', 'boolean'] },
        { ...arrayOf({ type: ['string', 'number', 'boolean'] }), minItems: 1, maxItems: LIMITS.list },
        member('fact', { type: 'string' }),
      ],
    },
  },
  required: ['fact', 'operator'],
  additionalProperties: false,
};

/** The expressions that `readExpression` accepts, as far as a schema can express them. */
const EXPRESSION: JsonSchema = {
  description: `The name of a fact, a number, or an operator with its operands, nested at most ${LIMITS.depth} deep.`,
  anyOf: [
    { type: ['string', 'number'] },
    ...Object.entries(EXPRESSION_OPERATORS).map(
      ([
        name,
        {
          operands: [least, most],
        },
      ]) => {
        const list = { ...arrayOf(ref('Expression')), minItems: least, maxItems: most };
        return member(name, most === 0 ? { type: 'object', maxProperties: 0 } : most === 1 ? ref('Expression') : list);
      },
    ),
  ],
};

/** An object with only this member. */
function member(name: string, schema: JsonSchema): JsonSchema {
  return { type: 'object', properties: { [name]: schema }, required: [name], additionalProperties: false };
}

export const requestSchemas: Record<string, JsonSchema> = {
  ...Object.fromEntries(
    Object.entries(NAMED).map(([name, { description }]) => [name, { description, ...converted[name] }]),
  ),
  Condition: CONDITION,
  Comparison: COMPARISON,
  Expression: EXPRESSION,
};
