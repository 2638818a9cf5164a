import { readDefinition, sampleDefinition } from '../../tests/support/form-samples.ts';
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
