import * as z from 'zod';
import { MAX_WHOLE_NUMBER } from './amount.ts';
import { PROTOTYPE_KEYS } from './fault.ts';
import { textFault } from './text.ts';

/**
 * Limits on a form's size; they keep a form within one row, one screen and a few milliseconds of work. Measured on one
 * core: a comparison takes 4 µs a response, a term 0.4 µs; `all_comparisons` and `all_terms` hold for a form as a whole.
 */
export const LIMITS = {
  questions: 500,
  facts: 100,
  terms: 100,
  rules: 100,
  depth: 5,
  conditions: 100,
  all_comparisons: 1_000,
  all_terms: 2_000,
  list: 500,
  options: 500,
  text: 5000,
  message: 1000,
} as const;

/** The operators a condition may use: those of json-rules-engine that compare, and no other. */
export const OPERATORS = [
  'equal',
  'notEqual',
  'lessThan',
  'lessThanInclusive',
  'greaterThan',
  'greaterThanInclusive',
  'in',
  'notIn',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** A condition's constant: a number or amount, a text, a time as RFC 3339 text, or a boolean; a list for `in` and `notIn`. */
export type Literal = string | number | boolean | readonly (string | number | boolean)[];

/** One comparison: the fact on the left, a constant or another fact on the right. A fact is a question's key or a derived fact's name. */
export type Comparison = {
  readonly fact: string;
  readonly operator: Operator;
  readonly value: Literal | { readonly fact: string };
};

/** What must hold: comparisons joined by all, any and not, at most {@link LIMITS}`.depth` levels deep. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Comparison;

const line = (most: number) =>
  z
    .string()
    .min(1)
    .superRefine((text, context) => {
      const detail =
        textFault(text, { max_length: most, multiline: false }) ??
        (text === text.trim() ? undefined : 'Remove the blanks at the start and the end.');
      if (detail !== undefined) context.addIssue({ code: 'custom', message: detail });
    });

const named = (schema: z.ZodString) =>
  schema.refine((name) => !PROTOTYPE_KEYS.has(name), 'Choose another name; this one is reserved by JavaScript.');

const wholeNumber = z.int().min(-MAX_WHOLE_NUMBER).max(MAX_WHOLE_NUMBER);

const base = {
  key: named(line(200)).refine((key) => !/[{}]/.test(key), 'Leave out { and }; they mark places in messages.'),
  column: named(
    z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, {
      abort: true,
      error: 'Use a letter, then up to 62 letters, digits or underscores.',
    }),
  ),
  required: z.boolean().default(true),
};

/** A question: its key in the payload and in exports, a column name of its own, its type, and whether an answer is required (the default). */
export const questionSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('text'),
    max_length: z.int().min(1).max(LIMITS.text).default(500),
    multiline: z.boolean().default(false),
  }),
  z
    .strictObject({ ...base, type: z.literal('integer'), min: wholeNumber.optional(), max: wholeNumber.optional() })
    .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
      path: ['max'],
      error: 'Let max be at least min.',
    }),
  z.strictObject({ ...base, type: z.literal('decimal') }),
  z.strictObject({ ...base, type: z.literal('time') }),
  z.strictObject({ ...base, type: z.literal('choice'), options: z.array(line(200)).min(1).max(LIMITS.options) }),
  z.strictObject({ ...base, type: z.literal('boolean') }),
]);
export type Question = z.infer<typeof questionSchema>;

/** A column of a response: a question, or metadata, where `id` is a text of 1 to `max_length` characters without blanks around it. */
export type Field =
  | Question
  | {
      readonly key: string;
      readonly column: string;
      readonly type: 'id';
      readonly required: true;
      readonly max_length: number;
    };

const identifier = named(
  z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, {
    abort: true,
    error: 'Use a small letter, then up to 62 small letters, digits or underscores.',
  }),
);

const terms = z.array(z.string()).max(LIMITS.terms).default([]);

/** A derived fact: the sum of the facts in `add` less those in `subtract`, each a question or a fact declared earlier. */
export const derivedFactSchema = z.strictObject({
  name: identifier,
  add: terms,
  subtract: terms,
});
export type DerivedFact = z.infer<typeof derivedFactSchema>;

/**
 * A rule: what must hold of a response, and what to tell the collector when it does not. The message may hold
 * `{fact}` places, filled with the figures. Conditions are read by `readConditions`.
 */
export const ruleSchema = z.strictObject({
  name: named(line(100)),
  message: line(LIMITS.message),
  conditions: z.custom<Condition>((value) => value !== undefined, 'Say what must hold: all, any, not or a comparison.'),
});
export type Rule = z.infer<typeof ruleSchema>;

/** The shape of a form as `PUT /forms/{id}` takes it. `parseFormDefinition` checks also what a shape cannot say. */
export const formSchema = z.strictObject({
  form_id: identifier,
  title: line(200),
  questions: z.array(questionSchema).min(1).max(LIMITS.questions),
  facts: z.array(derivedFactSchema).max(LIMITS.facts).default([]),
  rules: z.array(ruleSchema).max(LIMITS.rules).default([]),
  /** The Google spreadsheet that exports of this form are written to where a request names none. */
  spreadsheet_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{10,200}$/, "Copy it from the spreadsheet's address, between /d/ and the next /.")
    .optional(),
});
export type FormDefinition = z.infer<typeof formSchema>;
