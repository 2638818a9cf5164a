/**
 * Random XPath expressions on random answers, and their values in JavaRosa, the engine of ODK Collect. Shares no code
 * with the translation of XForms.
 */
import * as fc from 'fast-check';
import { escapeXml } from '../../forms/xforms/xml.ts';
import { itemsXml } from './xforms.ts';

/** The answers of a response; a missing answer is undefined. `rows` are the entries of a repeat. */
export interface Answers {
  count?: number;
  price?: number;
  sex?: string;
  crops?: string[];
  village?: string;
  born?: string;
  died?: string;
  rows: { age?: number; heads: number }[];
}

/** A value of XPath in JavaRosa. A date is the number of its day; a missing answer is an empty text. */
type Value = number | string | { day: number };
/** An expression, and its value for given answers. */
export interface Expression<T> {
  text: string;
  of: (answers: Answers) => T;
}

const DAYS = ['1999-12-31', '2024-02-29', '2024-03-01', '2026-01-01'];
const dayOf = (date: string) => Date.parse(date) / 86_400_000;
const dayText = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const question = <K extends keyof Answers>(
  name: K,
  of: (answer: NonNullable<Answers[K]>) => Value,
): Expression<Value> => ({
  text: `/data/${name}`,
  of: (answers) => {
    const answer = answers[name];
    return answer === undefined ? '' : of(answer);
  },
});

const count = question('count', (answer) => answer);
const price = question('price', (answer) => answer);
const sex = question('sex', (answer) => answer);
const crops = question('crops', (answer) => answer.join(' '));
const village = question('village', (answer) => answer);
const born = question('born', (answer) => ({ day: dayOf(answer) }));
const died = question('died', (answer) => ({ day: dayOf(answer) }));

function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'object') return value.day;
  return value.trim() === '' ? Number.NaN : Number(value);
}

function textOf(value: Value): string {
  return typeof value === 'object' ? dayText(value.day) : String(value);
}

/** JavaRosa treats numbers as equal if they differ by less; Enketo does not. */
const EQUAL_WITHIN = 1e-12;

function isEqual(left: Value, right: Value): boolean {
  if (typeof left === 'number' || typeof right === 'number') {
    return Math.abs(numberOf(left) - numberOf(right)) < EQUAL_WITHIN;
  }
  return textOf(left) === textOf(right);
}

const RELATIONS: Record<string, (left: Value, right: Value) => boolean> = {
  '=': isEqual,
  '!=': (left, right) => !isEqual(left, right),
  '<': (left, right) => numberOf(left) < numberOf(right),
  '<=': (left, right) => numberOf(left) <= numberOf(right),
  '>': (left, right) => numberOf(left) > numberOf(right),
  '>=': (left, right) => numberOf(left) >= numberOf(right),
};

const constant = (value: number | string): Expression<Value> => ({
  text: typeof value === 'number' ? String(value) : `'${value}'`,
  of: () => value,
});
/** With the price 0.1, JavaRosa calculates `/data/price * 3` as 0.30000000000000004. */
const timesPrice = (factor: number): Expression<Value> => ({
  text: `/data/price * ${factor}`,
  of: (answers) => numberOf(price.of(answers)) * factor,
});
/** JavaRosa leaves out entries without an answer. */
export const ages = ({ rows }: Answers) => rows.flatMap(({ age }) => age ?? []);
const sumOf = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const wordsOf = (value: Value) =>
  textOf(value)
    .split(' ')
    .filter((word) => word !== '');

export const { condition } = fc.letrec<{ number: Expression<Value>; condition: Expression<boolean> }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.constantFrom(count, price),
    fc.constantFrom(-1, 0, 1, 2.5, 4).map(constant),
    fc.constantFrom<Expression<Value>>(
      { text: 'string-length(/data/village)', of: (answers) => answers.village?.length ?? 0 },
      { text: 'count-selected(/data/crops)', of: (answers) => answers.crops?.length ?? 0 },
      { text: 'count(/data/rows)', of: ({ rows }) => rows.length },
      { text: 'sum(/data/rows/heads)', of: ({ rows }) => sumOf(rows.map(({ heads }) => heads)) },
      { text: 'sum(/data/rows/age)', of: (answers) => sumOf(ages(answers)) },
      {
        text: 'max(/data/rows/heads)',
        of: ({ rows }) => (rows.length === 0 ? Number.NaN : Math.max(...rows.map(({ heads }) => heads))),
      },
      {
        text: 'min(/data/rows/age)',
        of: (answers) => (ages(answers).length === 0 ? Number.NaN : Math.min(...ages(answers))),
      },
      { text: 'count-non-empty(/data/rows/age)', of: ({ rows }) => rows.filter(({ age }) => age !== undefined).length },
      {
        text: '/data/total',
        // A calculation that gives no number leaves its node empty.
        of: (answers) =>
          answers.count === undefined || answers.price === undefined ? '' : answers.count + answers.price,
      },
    ),
    fc.tuple(tie('number'), fc.constantFrom('+', '-', '*'), tie('number')).map(([left, operator, right]) => ({
      text: `(${left.text} ${operator} ${right.text})`,
      of: (answers: Answers) => {
        const [first, second] = [numberOf(left.of(answers)), numberOf(right.of(answers))];
        return operator === '+' ? first + second : operator === '-' ? first - second : first * second;
      },
    })),
    tie('number').map((left) => ({
      text: `(${left.text} div 4)`,
      of: (answers: Answers) => numberOf(left.of(answers)) / 4,
    })),
  ),
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.tuple(tie('number'), fc.constantFrom(...Object.keys(RELATIONS)), tie('number')).map(compare),
    fc
      .tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(3, 6, 7), fc.constantFrom(...Object.keys(RELATIONS)))
      .map(([tenths, factor, relation]) => compare([timesPrice(factor), relation, constant((tenths * factor) / 10)])),
    fc
      .tuple(
        fc.constantFrom(sex, village, count, crops),
        fc.constantFrom('=', '!='),
        fc.constantFrom('', 'f', '1', 'Ab', 'maize').map(constant),
      )
      .map(compare),
    fc
      .tuple(
        fc.constantFrom(sex, count),
        fc.constantFrom(...Object.keys(RELATIONS)),
        fc.constantFrom(1, 2, 'x').map(constant),
      )
      .map(compare),
    fc.tuple(fc.constantFrom(sex, village), fc.constantFrom('=', '!='), fc.constantFrom(sex, village)).map(compare),
    fc
      .tuple(
        fc.constantFrom(born, died),
        fc.constantFrom(...Object.keys(RELATIONS)),
        fc.constantFrom(
          born,
          died,
          ...DAYS.map((day) => ({ text: `date('${day}')`, of: () => ({ day: dayOf(day) }) })),
        ),
      )
      .map(compare),
    fc.tuple(fc.constantFrom(sex, crops), fc.constantFrom('f', 'maize', 'beans', '1', 'other')).map(([of, name]) => ({
      text: `selected(${of.text}, '${name}')`,
      of: (answers: Answers) => wordsOf(of.of(answers)).includes(name),
    })),
    fc.constantFrom('[A-Z][a-z]+', '[a-z]*', '.{2,3}', String.raw`\d+`).map((pattern) => ({
      text: `regex(/data/village, '${pattern}')`,
      of: (answers: Answers) => new RegExp(`^(?:${pattern})$`).test(answers.village ?? ''),
    })),
    fc.constantFrom(sex, village, crops, count, price).map((of) => ({
      text: of.text,
      of: (answers: Answers) => {
        const value = of.of(answers);
        return typeof value === 'number' ? value !== 0 : value !== '';
      },
    })),
    fc.constantFrom(true, false).map((value) => ({ text: `${value}()`, of: () => value })),
    tie('condition').map((inside) => ({ text: `not(${inside.text})`, of: (answers: Answers) => !inside.of(answers) })),
    fc
      .tuple(fc.array(tie('condition'), { minLength: 2, maxLength: 3 }), fc.constantFrom('and', 'or'))
      .map(([parts, word]) => ({
        text: `(${parts.map(({ text }) => text).join(` ${word} `)})`,
        of: (answers: Answers) =>
          word === 'and' ? parts.every((part) => part.of(answers)) : parts.some((part) => part.of(answers)),
      })),
  ),
}));

function compare([left, relation, right]: [Expression<Value>, string, Expression<Value>]): Expression<boolean> {
  return {
    text: `${left.text} ${relation} ${right.text}`,
    of: (answers) => RELATIONS[relation]?.(left.of(answers), right.of(answers)) ?? false,
  };
}

/** Eighths are exact in binary floating point. Most tenths are not. */
const prices = fc.oneof(
  fc.integer({ min: -24, max: 40 }).map((n) => n / 8),
  fc.integer({ min: 1, max: 8 }).map((n) => n / 10),
);
export const answers: fc.Arbitrary<Answers> = fc
  .record({
    count: fc.option(fc.integer({ min: -1, max: 4 }), { nil: undefined }),
    price: fc.option(prices, { nil: undefined }),
    sex: fc.constantFrom('f', 'm', '1', '2', undefined),
    crops: fc.subarray(['maize', 'beans', '1']).map((list) => (list.length === 0 ? undefined : list)),
    village: fc.constantFrom('Ab', 'abc', '1', 'f', 'A village', undefined),
    born: fc.constantFrom(...DAYS, undefined),
    died: fc.constantFrom(...DAYS, undefined),
    rows: fc.array(
      fc
        .record({
          age: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
          heads: fc.integer({ min: 0, max: 5 }),
        })
        .map(withoutMissing),
      { maxLength: 3 },
    ),
  })
  .map(withoutMissing);

function withoutMissing<T extends object>(record: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return JSON.parse(JSON.stringify(record));
}

/**
 * An XForm in which `asked` has this bind. The repeat has an optional and a required question.
 *
 * @param calculated texts that the phone calculates, in nodes `c0`, `c1`, ...
 */
export function randomXform(bind: string, calculated: readonly string[] = []): string {
  const nodes = calculated.map((_, index) => `<c${index}/>`).join('');
  const binds = calculated
    .map((text, index) => `<bind nodeset="/data/c${index}" calculate="${escapeXml(text)}"/>`)
    .join('');
  return `<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
  <h:head><h:title>Random</h:title><model><instance><data id="random"><count/><price/><sex/><crops/><village/><born/><died/>
  <rows jr:template=""><age/><heads/></rows><total/><asked/>${nodes}<meta><instanceID/></meta></data></instance>
  <bind nodeset="/data/count" type="int"/><bind nodeset="/data/price" type="decimal"/><bind nodeset="/data/born" type="date"/>
  <bind nodeset="/data/died" type="date"/><bind nodeset="/data/rows/age" type="int"/>
  <bind nodeset="/data/rows/heads" type="int" required="true()"/>
  <bind nodeset="/data/total" type="string" calculate="/data/count + /data/price"/>
  <bind nodeset="/data/asked" type="int" ${bind}/>${binds}<bind nodeset="/data/meta/instanceID" jr:preload="uid"/></model></h:head>
  <h:body><input ref="/data/count"/><input ref="/data/price"/><input ref="/data/village"/><input ref="/data/born"/><input ref="/data/died"/>
  <select1 ref="/data/sex">${itemsXml('f', 'm', '1', '2')}</select1><select ref="/data/crops">${itemsXml('maize', 'beans', '1')}</select>
  <group><repeat nodeset="/data/rows"><input ref="/data/rows/age"/><input ref="/data/rows/heads"/></repeat></group>
  <input ref="/data/asked"/></h:body></h:html>`;
}
