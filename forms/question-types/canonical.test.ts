import * as fc from 'fast-check';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { RANDOM_ANSWERS } from '../../tests/support/random-answers.ts';
import { isScalar } from '../values/answer.ts';
import { compileForm } from '../compiled/compiled-form.ts';
import { parseJson } from '../values/json.ts';
import { columnsOf, isSection, parserOf, QUESTION_TYPES } from './index.ts';

describe.each(Object.entries(RANDOM_ANSWERS))('every answer of the type %s', (type, [members, answers]) => {
  const form = readDefinition({ form_id: 'a', title: 'A', questions: [{ name: 'q', type, ...members }] });
  const [question] = form.questions;
  if (question === undefined || isSection(question)) throw new Error('The form has no question.');
  const read = parserOf(question);

  if (type === 'note') {
    test('is refused', () => {
      fc.assert(
        fc.property(
          fc.jsonValue().filter((value) => value !== null),
          (value) => expect(read(value, {}).ok).toBe(false),
        ),
      );
    });
    return;
  }

  test('is accepted as sent in JSON, and has the same canonical form when it is read again', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const parsed = parseJson(JSON.stringify(answer));
        const result = parsed.ok ? read(parsed.value, {}) : undefined;
        if (!result?.ok) throw new Error(JSON.stringify([answer, result]));
        expect(read(result.value, {})).toMatchObject({ ok: true, canonical: result.canonical });
      }),
    );
  });

  test('is the same after it is stored and read again, with cells that JSON can hold', () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const result = read(answer, {});
        if (!result.ok) throw new Error(result.detail);
        const stored: Record<string, unknown> = JSON.parse(JSON.stringify({ q: result.value }));
        expect(read(stored['q'], {})).toEqual(result);
        for (const { cell } of columnsOf(question)) {
          const value = cell(stored);
          expect(value === null || isScalar(value)).toBe(true);
        }
      }),
    );
  });

  // The server computes the answer of a calculation.
  if (type === 'calculate') return;

  test('has a value that rules can compare', () => {
    const { kind } = QUESTION_TYPES[question.type];
    fc.assert(
      fc.property(answers, (answer) => {
        const result = read(answer, {});
        expect(result.ok && kind?.valueOf(result.value)).not.toBeUndefined();
      }),
    );
  });
});

test('labels, hints and defaults do not change how responses are read', () => {
  const shapeOf = (members: object) =>
    compileForm(
      readDefinition({
        form_id: 'a',
        title: 'A',
        questions: [{ name: 'q', type: 'select_one', options: [{ name: 'a', label: 'A' }], ...members }],
      }),
      1,
    ).shape;

  expect(shapeOf({ label: 'Which?', hint: { en: 'Ask.', fr: 'Demandez.' }, default: 'a' })).toBe(shapeOf({}));
  expect(shapeOf({ options: [{ name: 'a', label: 'Another label' }] })).toBe(shapeOf({}));
  expect(shapeOf({ options: [{ name: 'b', label: 'A' }] })).not.toBe(shapeOf({}));
  expect(shapeOf({ required: false })).not.toBe(shapeOf({}));
});

test('texts and conditions of constraints, rules and their messages do not change how responses are read', () => {
  const shapeOf = (message: string, value: number, required: unknown = true) => {
    const conditions = { fact: 'q', operator: 'lessThan', value };
    const questions = [
      { name: 'q', type: 'integer', required, constraint: { message, conditions } },
      {
        name: 'house',
        type: 'group',
        questions: [{ name: 'rooms', type: 'integer', constraint: { message, conditions } }],
      },
    ];
    const rules = [{ name: 'R', message, conditions }];
    return compileForm(readDefinition({ form_id: 'a', title: message, questions, rules }), 1).shape;
  };
  expect(shapeOf('Ask again.', 5)).toBe(shapeOf('Look.', 5));
  expect(shapeOf('Look.', 6)).toBe(shapeOf('Look.', 5));
  expect(shapeOf('Look.', 5, { fact: 'username', operator: 'equal', value: 'Amina' })).not.toBe(shapeOf('Look.', 5));
});
