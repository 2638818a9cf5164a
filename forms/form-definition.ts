/** The shape of a form definition. `read-form.ts` checks what a shape cannot say. */
import * as z from 'zod';
import type { Condition } from './condition.ts';
import { LIMITS } from './limits.ts';
import { line, unreserved } from './names.ts';
import { questionSchema } from './question-types/index.ts';

const identifier = unreserved(
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
 * `{fact}` places, filled with the figures. `readConditions` reads the conditions.
 */
export const ruleSchema = z.strictObject({
  name: unreserved(line(100)),
  message: line(LIMITS.message),
  conditions: z.custom<Condition>((value) => value !== undefined, 'Say what must hold: all, any, not or a comparison.'),
});
export type Rule = z.infer<typeof ruleSchema>;

/** The shape of a form as `PUT /forms/{id}` takes it. */
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

/** A form that was read: without faults, with every default filled in. */
export type FormDefinition = z.infer<typeof formSchema>;
