import { Big } from 'big.js';
import * as z from 'zod';
import {
  amountAdvice,
  amountText,
  canonicalAmount,
  MAX_AMOUNT_DIGITS,
  MAX_PLACES,
  MAX_WHOLE_NUMBER,
  plainDecimal,
  plainNumber,
  USUAL_PLACES,
} from '../values/amount.ts';
import { accept, refuse } from '../values/answer.ts';
import { JsonNumber } from '../values/json.ts';
import { NUMBER } from '../language/kinds.ts';
import { type JsonSchema, oneColumn, questionMembers, type QuestionType } from './question-type.ts';

const bound = z.preprocess(
  (value) => (value instanceof JsonNumber ? value.toJSON() : value),
  z
    .union([z.number(), z.string()], { error: amountAdvice(MAX_PLACES) })
    .refine((value) => amountText(value) !== undefined, amountAdvice(MAX_PLACES)),
);

const schema = z
  .strictObject({
    ...questionMembers,
    type: z.literal('decimal'),
    min: bound.optional(),
    max: bound.optional(),
    places: z.int().min(0).max(MAX_PLACES).optional(),
  })
  .refine(({ min, max }) => isInOrder(min, max), { path: ['max'], error: 'Set max to min or more.' });

/** The JSON schema of an amount. A text has two more characters than digits: the sign and the point. */
function amountSchema(places: number): JsonSchema {
  return {
    description: `An exact amount, as a number or as text: at most ${MAX_AMOUNT_DIGITS} digits, at most ${places} of them decimals, no exponent. \`5\`, \`"5"\` and \`"5.00"\` are the same.`,
    anyOf: [
      { type: 'number', minimum: -MAX_WHOLE_NUMBER, maximum: MAX_WHOLE_NUMBER },
      { type: 'string', pattern: plainDecimal(places).source, maxLength: MAX_AMOUNT_DIGITS + 2 },
    ],
  };
}

/** The JSON schema of every amount whose question says neither its places nor its bounds. */
export const AMOUNT_SCHEMA = amountSchema(USUAL_PLACES);

/** An exact amount, as a number or as text: at most 15 digits, at most `places` of them decimals. */
export const decimal: QuestionType<typeof schema> = {
  schema,
  takes: `an amount, as number or text: at most 15 digits, at most \`places\` (${USUAL_PLACES}) of them decimals; rules compare it exactly`,
  kind: NUMBER,
  parser: (question) => {
    const { places = USUAL_PLACES } = question;
    const isWithin = boundsOf(question);
    const advice = amountAdvice(places);
    return (value) => {
      const text = amountText(value, places);
      if (text === undefined) return refuse(advice);
      if (isWithin !== undefined && !isWithin(text)) return refuse(`Send an amount ${describe(question)}.`);
      return accept(typeof value === 'string' ? value : plainNumber(text), canonicalAmount(text));
    };
  },
  limits: (question) => {
    const { min, max, places = USUAL_PLACES } = question;
    if (min === undefined && max === undefined && question.places === undefined) return undefined;
    const isWithin = boundsOf(question);
    const [least, most] = [Number(min ?? -Infinity), Number(max ?? Infinity)];
    return {
      description: `amounts ${describe(question)}`,
      allows: (constant) => {
        const sent = amountText(constant);
        // The constant "1.00" equals the answer "1", even if answers have no decimals.
        const text = sent && amountText(canonicalAmount(sent), places);
        return text !== undefined && (isWithin === undefined || isWithin(text));
      },
      count: (low, high) => {
        const [from, to] = [Math.max(low, least), Math.min(high, most)];
        if (to - from > 2 * 10 ** -places) return Infinity;
        // `low` and `high` are excluded; `min` and `max` are included.
        const first = low < from ? ceil(inUnits(from, places)) : floor(inUnits(from, places)).plus(1);
        const last = to < high ? floor(inUnits(to, places)) : ceil(inUnits(to, places)).minus(1);
        return last.minus(first).plus(1).toNumber();
      },
    };
  },
  columns: oneColumn('number'),
  jsonSchema: ({ min, max, places }) =>
    min === undefined && max === undefined && places === undefined
      ? AMOUNT_SCHEMA
      : amountSchema(places ?? USUAL_PLACES),
};

/** An amount as a multiple of the smallest decimal that has this many places. */
function inUnits(amount: number, places: number): Big {
  return new Big(amount).times(new Big(10).pow(places));
}

function floor(number: Big): Big {
  const whole = number.round(0, Big.roundDown);
  return whole.gt(number) ? whole.minus(1) : whole;
}

function ceil(number: Big): Big {
  return floor(number.times(-1)).times(-1);
}

type Bounds = { min?: Bound; max?: Bound; places?: number | undefined };
type Bound = z.infer<typeof bound> | undefined;

/** @returns a test of an amount's text; undefined if the question has no bounds */
function boundsOf({ min, max }: Bounds): ((text: string) => boolean) | undefined {
  if (min === undefined && max === undefined) return undefined;
  const least = min === undefined ? undefined : new Big(min);
  const most = max === undefined ? undefined : new Big(max);
  return (text) => {
    const amount = new Big(text);
    return (least === undefined || amount.gte(least)) && (most === undefined || amount.lte(most));
  };
}

function isInOrder(min: Bounds['min'], max: Bounds['max']): boolean {
  return min === undefined || max === undefined || new Big(min).lte(max);
}

/** Names only the bounds that the question has. */
function describe({ min, max, places = USUAL_PLACES }: Bounds): string {
  return [
    min === undefined ? '' : `from ${amountText(min)} `,
    max === undefined ? '' : `up to ${amountText(max)} `,
    `with at most ${places} decimals`,
  ].join('');
}
