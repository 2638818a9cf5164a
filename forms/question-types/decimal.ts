import * as z from 'zod';
import {
  AMOUNT_ADVICE,
  amountText,
  canonicalAmount,
  MAX_AMOUNT_DIGITS,
  MAX_WHOLE_NUMBER,
  PLAIN_DECIMAL,
} from '../amount.ts';
import { accept, refuse } from '../answer.ts';
import { NUMBER } from '../kinds.ts';
import { type JsonSchema, oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const schema = z.strictObject({ ...questionMembers, type: z.literal('decimal') });

/** The JSON schema of every amount. A text has two more characters than digits: the sign and the point. */
export const AMOUNT_SCHEMA: JsonSchema = {
  description: `An exact amount, as a number or as text: at most ${MAX_AMOUNT_DIGITS} digits, at most 4 of them decimals, no exponent. \`5\`, \`"5"\` and \`"5.00"\` are the same.`,
  anyOf: [
    { type: 'number', minimum: -MAX_WHOLE_NUMBER, maximum: MAX_WHOLE_NUMBER },
    { type: 'string', pattern: PLAIN_DECIMAL.source, maxLength: MAX_AMOUNT_DIGITS + 2 },
  ],
};

/** An exact amount, as a number or as text: at most 15 digits, at most 4 of them decimals. */
export const decimal: QuestionType<typeof schema> = {
  schema,
  takes: 'an amount, as number or text: at most 15 digits, at most 4 of them decimals; rules compare it exactly',
  kind: NUMBER,
  parser: () => (value) => {
    const text = amountText(value);
    if (text === undefined) return refuse(AMOUNT_ADVICE);
    // With at most 15 digits, the double has the same decimal value as the text. Adding 0 turns -0 into 0.
    return accept(typeof value === 'string' ? value : Number(text) + 0, canonicalAmount(text));
  },
  columns: oneColumn('number'),
  jsonSchema: () => AMOUNT_SCHEMA,
};
