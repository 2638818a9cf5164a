/** The message of a rule. People read `{monthly food}`; the API has `{How much money do you spend monthly on food?}`. */
import { isObject, isScalar, type Fact } from './language.ts';
import type { Named } from './names.ts';

const PLACEHOLDER = /\{([^{}]+)\}/g;

/** A message with the labels of its placeholders, to be edited. */
export function withLabels(message: string, named: readonly Named[]): string {
  const labels = new Map(named.map(({ fact, label }) => [fact, label]));
  return message.replaceAll(PLACEHOLDER, (whole, fact: string) => {
    const label = labels.get(fact);
    return label === undefined || /[{}]/.test(label) ? whole : `{${label}}`;
  });
}

/** A message with labels, as the API takes it. Placeholders that are not labels stay. */
export function withFacts(message: string, named: readonly Named[]): string {
  const facts = new Map(named.map(({ fact, label }) => [label, fact]));
  const known = new Set(named.map(({ fact }) => fact));
  return message.replaceAll(PLACEHOLDER, (whole, label: string) =>
    known.has(label) ? whole : `{${facts.get(label) ?? label}}`,
  );
}

export type MessagePart = { text: string } | { fact: string };

/** The words and placeholders of a message. */
export function partsOf(message: string): MessagePart[] {
  return message
    .split(PLACEHOLDER)
    .map((piece, index) => (index % 2 === 0 ? { text: piece } : { fact: piece }))
    .filter((part) => 'fact' in part || part.text !== '');
}

/** The answer at a path such as `house/rooms`; of a repeat, that of the first entry. */
function answerAt(answers: unknown, path: string): unknown {
  if (!isObject(answers)) return undefined;
  if (path in answers) return answers[path];
  const slash = path.indexOf('/');
  if (slash === -1) return undefined;
  return answerAt([answers[path.slice(0, slash)]].flat()[0], path.slice(slash + 1));
}

const DECIMALS = 10n;
const SCALE = 10n ** DECIMALS;

/** A decimal as a whole number of 10^-10; undefined if it is not a decimal. */
function scaled(value: unknown): bigint | undefined {
  const [, sign = '', whole = '', part = ''] = /^(-?)(\d+)(?:\.(\d{1,10}))?$/.exec(String(value)) ?? [];
  if (whole === '') return undefined;
  const digits = BigInt(whole) * SCALE + BigInt(part.padEnd(Number(DECIMALS), '0'));
  return sign === '' ? digits : -digits;
}

function decimalText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(Number(DECIMALS) + 1, '0');
  const part = digits.slice(-Number(DECIMALS)).replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -Number(DECIMALS))}${part === '' ? '' : `.${part}`}`;
}

/**
 * The value of a question, or of a derived fact that is a sum or a difference, in the answers of a response; undefined
 * without an answer. Other derived facts are calculated by the server only.
 */
export function valueIn(answers: unknown, fact: string, facts: readonly Fact[]): string | undefined {
  const derived = facts.find(({ name }) => name === fact);
  if (derived === undefined) {
    const value = answerAt(answers, fact);
    if (Array.isArray(value) && value.every(isScalar)) return value.join(', ');
    return isScalar(value) ? String(value) : undefined;
  }
  if (derived.value !== undefined) return undefined;
  const number = (name: string): bigint | undefined => scaled(valueIn(answers, name, facts));
  const plus = derived.add.map(number);
  const minus = derived.subtract.map(number);
  let total = 0n;
  for (const [terms, sign] of [
    [plus, 1n],
    [minus, -1n],
  ] as const) {
    for (const value of terms) {
      if (value === undefined) return undefined;
      total += sign * value;
    }
  }
  return decimalText(total);
}
