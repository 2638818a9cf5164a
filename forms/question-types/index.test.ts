import { readDefinition, sampleDefinition } from '../../tests/support/form-samples.ts';
import type { Expression } from '../language/expression.ts';
import { BOOLEAN, DATE, type Kind, NUMBER, OPTIONS, TEXT, TIME, TIME_OF_DAY } from '../language/kinds.ts';
import { columnsOf, type Question, QUESTION_TYPES } from './index.ts';

test('the sample form of the tests has a question of every type', () => {
  const { questions } = readDefinition(sampleDefinition());

  expect(new Set(questions.map(({ type }) => type))).toEqual(new Set(Object.keys(QUESTION_TYPES)));
});

test('a stored question whose type only a newer release knows is exported as a text column', () => {
  const stored: Question = JSON.parse('{"key":"where","column":"place","type":"from_the_future","required":true}');

  expect(columnsOf(stored)).toMatchObject([{ name: 'where', type: 'text' }]);
  expect(columnsOf(stored).map(({ cell }) => [cell({ where: 'Nakuru' }), cell({})])).toEqual([['Nakuru', null]]);
});

test.each<{ kind?: Kind; type: string }>([
  { kind: NUMBER, type: 'number' },
  { kind: DATE, type: 'date' },
  { kind: TIME, type: 'time' },
  { kind: BOOLEAN, type: 'boolean' },
  { kind: TEXT, type: 'text' },
  { kind: TIME_OF_DAY, type: 'text' },
  { kind: OPTIONS, type: 'text' },
  { type: 'text' },
])('the column of a calculation has the type of the fact that it names: $kind.name as $type', ({ kind, type }) => {
  const kindOf = (fact: string) => (fact === 'house/n' ? kind : undefined);
  const typesOf = (value: Expression) => {
    const question: Question = { name: 'c', key: 'c', type: 'calculate', required: false, value };
    return columnsOf(question, kindOf).map((column) => [column.name, column.type]);
  };

  const expected = [
    ['c', type],
    ['c_sent', 'text'],
  ];
  expect(typesOf('house/n')).toEqual(expected);
  expect(typesOf({ min: 'house/n' })).toEqual(expected);
  expect(typesOf({ max: ['house/n'] })).toEqual(expected);
  expect(typesOf({ count: 'house/n' })[0]).toEqual(['c', 'number']);
});
