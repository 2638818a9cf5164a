/** The shape of a form definition. `read-form.ts` makes the checks that a schema cannot express. */
import * as z from 'zod';
import { conditionSchema } from '../language/condition.ts';
import { type Expression, expressionSchema } from '../language/expression.ts';
import { LIMITS } from '../values/limits.ts';
import { identifier, line, unreserved } from '../values/names.ts';
import { uploadedXformSchema } from './uploaded-xform.ts';
import { questionsSchema } from '../question-types/index.ts';

const terms = z.array(z.string()).max(LIMITS.terms).default([]);

/**
 * A derived fact: the value of an expression, or the sum of the facts in `add` minus the sum of those in `subtract`. A
 * term is a question, metadata or an earlier fact.
 */
export const derivedFactSchema = z.strictObject({
  name: identifier,
  add: terms,
  subtract: terms,
  value: expressionSchema.optional(),
});
export type DerivedFact = z.infer<typeof derivedFactSchema>;

/** A derived fact as an expression. */
export function expressionOf({ value, add, subtract }: DerivedFact): Expression {
  if (value !== undefined) return value;
  if (subtract.length === 0) return { add };
  return { subtract: [add.length === 0 ? 0 : { add }, { add: subtract }] };
}

/**
 * A rule: a condition that a response must meet, and the message for the collector if it does not. The message may
 * contain placeholders `{fact}`, which are replaced by the facts' values. `readConditions` reads the conditions.
 */
export const ruleSchema = z.strictObject({
  name: unreserved(line(100)),
  message: line(LIMITS.message),
  conditions: conditionSchema,
});
export type Rule = z.infer<typeof ruleSchema>;

/**
 * Questions whose answers no two responses should share. The message may contain placeholders of answers, and has
 * `{other}` in place of the other response's id. `within` counts days between the submitted times.
 */
export const uniqueSchema = z.strictObject({
  name: unreserved(line(100)),
  questions: z.array(z.string()).min(1).max(LIMITS.unique_questions),
  message: line(LIMITS.message).optional(),
  within: z.int().min(1).max(LIMITS.unique_days).optional(),
});
export type UniqueList = z.infer<typeof uniqueSchema>;

/** The shape of a form as `PUT /forms/{id}` accepts it. */
export const formSchema = z.strictObject({
  form_id: identifier,
  title: line(200),
  /**
   * `draft`: responses are stored apart, and deleted when the form opens. `open`: responses are accepted. `closed`:
   * only corrections are accepted. By default `open`.
   */
  state: z.enum(['draft', 'open', 'closed']).optional(),
  questions: questionsSchema,
  facts: z.array(derivedFactSchema).max(LIMITS.facts).default([]),
  rules: z.array(ruleSchema).max(LIMITS.rules).default([]),
  unique: z.array(uniqueSchema).max(LIMITS.unique).optional(),
  xform: uploadedXformSchema.optional(),
  /** The Google spreadsheet for exports of this form, if the request does not name another. */
  spreadsheet_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{10,200}$/, "Copy it from the spreadsheet's address, between /d/ and the next /.")
    .optional(),
});

/** A valid form, with every default filled in. */
export type FormDefinition = z.infer<typeof formSchema>;

export type FormState = NonNullable<FormDefinition['state']>;
