import { AMOUNT_ADVICE, amountText, canonicalAmount, MAX_WHOLE_NUMBER } from './amount.ts';
import type { Field } from './form-schema.ts';
import { JsonNumber } from './json.ts';
import { textFault } from './text.ts';
import { TIME_ADVICE, toInstant } from './time.ts';

/** An answer as submitted: text, a number, true or false. Amounts that came as text stay text. */
export type Answer = string | number | boolean;

/** An answer that was read, with the one way to write it that content hashes use; or what to send instead. */
export type AnswerResult =
  | { readonly ok: true; readonly value: Answer; readonly canonical: Answer }
  | { readonly ok: false; readonly detail: string };

const BLANK_ADVICE = 'Send an answer; one is required, and blanks are none.';

/** Makes the reader of a question's or metadata's answers; it takes what is neither null nor undefined. */
export function compileAnswer(field: Field): (value: unknown) => AnswerResult {
  switch (field.type) {
    case 'id':
      return (value) => readId(value, field.max_length);
    case 'text': {
      const limits = { max_length: field.max_length, multiline: field.multiline };
      return (value) => {
        if (typeof value !== 'string') return refuse('Send text.');
        if (field.required && value.trim() === '') return refuse(BLANK_ADVICE);
        const fault = textFault(value, limits);
        return fault === undefined ? accept(value) : refuse(fault);
      };
    }
    case 'integer':
      return compileInteger(field.min ?? -MAX_WHOLE_NUMBER, field.max ?? MAX_WHOLE_NUMBER);
    case 'decimal':
      return readAmount;
    case 'time':
      return (value) => {
        const instant = typeof value === 'string' ? toInstant(value) : undefined;
        return typeof value === 'string' && instant !== undefined ? accept(value, instant) : refuse(TIME_ADVICE);
      };
    case 'choice': {
      const options: ReadonlySet<unknown> = new Set(field.options);
      const advice = `Send one of: ${field.options.slice(0, 20).join(', ')}${field.options.length > 20 ? ', ...' : ''}.`;
      return (value) => (typeof value === 'string' && options.has(value) ? accept(value) : refuse(advice));
    }
    case 'boolean':
      break;
  }
  return (value) => (typeof value === 'boolean' ? accept(value) : refuse('Send true or false, without quotes.'));
}

function readId(value: unknown, maxLength: number): AnswerResult {
  if (typeof value !== 'string') return refuse('Send an id as text.');
  if (value === '') return refuse(`Send an id of 1 to ${maxLength} characters.`);
  if (value !== value.trim()) return refuse('Remove the blanks at the start and the end.');
  // Browsers and proxies resolve them in a path before anybody can tell that they were an id.
  if (value === '.' || value === '..') return refuse('Send another id; "." and ".." cannot stand in an address.');
  const fault = textFault(value, { max_length: maxLength, multiline: false });
  return fault === undefined ? accept(value) : refuse(fault);
}

function compileInteger(min: number, max: number): (value: unknown) => AnswerResult {
  const advice = `Send a whole number from ${min} to ${max}, without quotes, point or exponent.`;
  return (value) => {
    const number = value instanceof JsonNumber && /^-?\d+$/.test(value.source) ? Number(value.source) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) return refuse(advice);
    // Adding 0 makes -0 the 0 that it is when written as JSON.
    return accept(number + 0, String(number));
  };
}

function readAmount(value: unknown): AnswerResult {
  const text = amountText(value);
  if (text === undefined) return refuse(AMOUNT_ADVICE);
  // At most 15 digits: the double has the same decimal value as the text.
  return accept(typeof value === 'string' ? value : Number(text) + 0, canonicalAmount(text));
}

function accept(value: Answer, canonical: Answer = value): AnswerResult {
  return { ok: true, value, canonical };
}

function refuse(detail: string): AnswerResult {
  return { ok: false, detail };
}
