/** Checks that every form that is accepted can be read after it was stored. */
import * as fc from 'fast-check';
import { metadata } from '../../tests/support/responses.ts';
import { runs } from '../../tests/support/thorough.ts';
import { compileForm } from '../compiled/compiled-form.ts';
import { parseJson } from '../values/json.ts';
import { parseFormDefinition, readStoredForm } from './read-form.ts';

/** Numbers as a client may write them, mostly near the limits of an amount's digits and decimals. */
const numbers = fc.oneof(
  fc.constantFrom('0', '-0', '0.0', '1e-7', '0.0000001', '0.0000000001', '0.00000000001', '1e21', '1e2', '1E-400'),
  fc.stringMatching(/^-?(0|[1-9]\d{0,15})(\.\d{1,12})?$/),
  fc.stringMatching(/^-?0\.0{5,10}\d{1,6}$/),
  fc.stringMatching(/^-?\d\.\d{1,6}e-?\d{1,2}$/),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const amounts = fc.oneof(
  numbers,
  numbers.map((number) => JSON.stringify(number)),
);

const expression = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    numbers,
    fc.constantFrom('"dose"', '"people"'),
    fc
      .tuple(fc.constantFrom('add', 'subtract', 'multiply', 'divide'), tie('part'), tie('part'))
      .map(([operator, left, right]) => `{"${operator}":[${left},${right}]}`),
  ),
})).part;

const comparison = fc
  .tuple(fc.constantFrom('dose', 'people', 'shown'), fc.constantFrom('equal', 'notEqual', 'lessThan', 'in'), amounts)
  .map(([fact, operator, amount]) =>
    JSON.stringify({ fact, operator, value: operator === 'in' ? ['amount'] : 'amount' }).replace('"amount"', amount),
  );

/** One part of a form with numbers: members of a question, an expression or a comparison. */
const parts = fc.oneof(
  fc.record({ dose: fc.tuple(fc.constantFrom('min', 'max', 'default'), amounts), places: fc.nat(10) }),
  fc.record({ people: fc.tuple(fc.constantFrom('min', 'max', 'default'), numbers) }),
  fc.record({ expression }),
  fc.record({ comparison }),
);

const definitions = parts.map((part: { [P in 'dose' | 'people']?: [string, string] } & { [P: string]: unknown }) => {
  const { dose, people, places = 10, expression: value = '0', comparison: condition } = part;
  const member = (named: [string, string] | undefined) => (named === undefined ? '' : `,"${named[0]}":${named[1]}`);
  const questions = [
    `{"name":"dose","type":"decimal","places":${String(places)}${member(dose)}}`,
    `{"name":"people","type":"integer"${member(people)}}`,
  ];
  const rule = `{"name":"R","message":"{shown}","conditions":${String(condition)}}`;
  return (
    `{"form_id":"clinic","title":"Clinic","questions":[${questions.join()}],` +
    `"facts":[{"name":"shown","value":${String(value)}}],"rules":[${condition === undefined ? '' : rule}]}`
  );
});

/** Numbers that JavaScript writes otherwise, and any others. */
const constants = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom('12.50', '0.10', '-0', '"5.00"', '1.0', '0.0000001', '-0.0000000010', '1000000.50'),
  },
  amounts,
);
const conditions = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc
      .tuple(fc.constantFrom('dose', 'people', 'a/dose', 'a/b/people'), constants)
      .map(([fact, amount]) => `{"fact":"${fact}","operator":"lessThan","value":${amount}}`),
    fc.tuple(constants, constants).map(([one, other]) => `{"value":[${one},${other}],"operator":"in","fact":"a/dose"}`),
    fc.constantFrom(
      '{"fact":"a/dose","operator":"answered"}',
      '{"value":{"fact":"dose"},"operator":"notEqual","fact":"people"}',
    ),
    fc.tuple(tie('condition'), tie('condition')).map(([left, right]) => `{"any":[${left},${right}]}`),
    tie('condition').map((part) => `{"not":${part}}`),
  ),
})).condition;
/** Members of a definition after others: few of them, so that most definitions are accepted. */
const rare = (values: fc.Arbitrary<string>, toMember: (value: string) => string) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant('') }, { weight: 2, arbitrary: values.map(toMember) });
const relevant = rare(conditions, (condition) => `,"relevant":${condition}`);
const ofQuestion = fc
  .tuple(
    relevant,
    rare(conditions, (condition) => `,"required":${condition}`),
    rare(conditions, (condition) => `,"constraint":{"message":"M {dose}","conditions":${condition}}`),
    rare(constants, (amount) => `,"default":${amount}`),
    rare(fc.constantFrom('"A"', '{"fr":"B","en":"C"}'), (label) => `,"label":${label}`),
  )
  .map((all) => all.join(''));
const value = fc.oneof({ weight: 4, arbitrary: constants }, expression).map((each) => `{"add":["people",${each}]}`);
const nestedDefinitions = fc
  .tuple(ofQuestion, relevant, ofQuestion, relevant, ofQuestion, relevant, ofQuestion, value, relevant)
  .map(([dose, a, doseInA, b, people, r, doseInR, half, halfRelevant]) => {
    const decimal = (name: string, more: string) => `{"name":"${name}","type":"decimal","places":10${more}}`;
    const calculate = `{"name":"half","type":"calculate","value":${half}${halfRelevant}}`;
    const inner = `{"name":"b","type":"group"${b},"questions":[${decimal('people', people)}]}`;
    const group = `{"name":"a","type":"group"${a},"questions":[${decimal('dose', doseInA)},${inner}]}`;
    const repeat = `{"name":"r","type":"repeat"${r},"max":5,"questions":[${decimal('dose', doseInR)},${calculate}]}`;
    const questions = [decimal('dose', dose), decimal('people', ''), group, repeat];
    return `{"form_id":"clinic","title":"Clinic","questions":[${questions.join()}],"unique":[{"name":"U","questions":["a/dose"]}]}`;
  });

test('every form with groups and repeats that is accepted can be read and compiled after it was stored, and is the same', () => {
  const times = runs(1_000);
  let accepted = 0;
  let withConditions = 0;
  fc.assert(
    fc.property(nestedDefinitions, (text) => {
      const json = parseJson(text);
      const result = json.ok ? parseFormDefinition(json.value) : undefined;
      if (result?.ok !== true) return;
      accepted += 1;
      const definition: unknown = JSON.parse(JSON.stringify(result.form));
      if (JSON.stringify(definition).includes('"fact"')) withConditions += 1;
      expect(readStoredForm({ form_id: 'clinic', version: 1, definition })).toEqual(definition);
      expect(parseFormDefinition(definition)).toEqual({ ok: true, form: definition });
      const read = compileForm(result.form, 1).readSubmission;
      expect(compileForm(readStoredForm({ form_id: 'clinic', version: 1, definition }), 1).readSubmission({})).toEqual(
        read({}),
      );
      read({ ...metadata(), people: 2, dose: 1, a: { dose: 1 }, r: [{ dose: 1 }, {}] });
    }),
    times,
  );
  expect(accepted).toBeGreaterThan(times.numRuns / 5);
  expect(withConditions).toBeGreaterThan(times.numRuns / 10);
});

test('every form that is accepted can be read after it was stored, and is the same', () => {
  const times = runs(2_000);
  let accepted = 0;
  fc.assert(
    fc.property(definitions, (text) => {
      const json = parseJson(text);
      const result = json.ok ? parseFormDefinition(json.value) : undefined;
      if (result?.ok !== true) return;
      accepted += 1;
      const definition: unknown = JSON.parse(JSON.stringify(result.form));
      expect(readStoredForm({ form_id: 'clinic', version: 1, definition })).toEqual(definition);
      expect(parseFormDefinition(definition)).toEqual({ ok: true, form: definition });
    }),
    times,
  );
  expect(accepted).toBeGreaterThan(times.numRuns / 7);
});
