/** Checks that every form that is accepted can be read after it was stored. */
import * as fc from 'fast-check';
import { parseJson } from './json.ts';
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

test('every form that is accepted can be read after it was stored, and is the same', () => {
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
    { numRuns: 2_000 },
  );
  expect(accepted).toBeGreaterThan(300);
});
