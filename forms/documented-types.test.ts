/** Tries the questions as docs/forms.md describes them. */
import { readFileSync } from 'node:fs';
import { readDefinition } from '../tests/support/form-samples.ts';
import { parserOf, type Question, QUESTION_TYPES } from './question-types/index.ts';

const [, section = ''] = readFileSync('docs/forms.md', 'utf8').split('### Types\n');
const [table = ''] = /^\|.*?\n$/ms.exec(section) ?? [];
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\||\|$|`/g, '').trim()));

function readQuestion(definition: string): Question {
  const { questions } = readDefinition({ form_id: 'a', title: 'A', questions: [JSON.parse(definition)] });
  const [question] = questions;
  if (question === undefined) throw new Error('The form has no question.');
  return question;
}

/** Whether a question takes an answer; null is no answer. */
function takes(question: Question, answer: string): boolean {
  const value: unknown = JSON.parse(answer);
  return value === null ? !question.required : parserOf(question)(value, {}).ok;
}

test('forms.md has an example of every type', () => {
  const types = rows.flatMap(([names = '']) => names.split(', '));

  expect(types.toSorted()).toEqual(Object.keys(QUESTION_TYPES).toSorted());
});

test.each(rows)('the example of %s accepts and refuses the answers beside it', (...row) => {
  const [names = '', definition = '', accepted = '', refused = ''] = row;

  for (const type of names.split(', ')) {
    const question = readQuestion(JSON.stringify({ ...JSON.parse(definition), type }));
    expect([type, takes(question, accepted), takes(question, refused)]).toEqual([type, true, false]);
  }
});
