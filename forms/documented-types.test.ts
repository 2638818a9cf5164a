/** Tries the questions as docs/forms.md describes them. */
import { readFileSync } from 'node:fs';
import { readDefinition } from '../tests/support/form-samples.ts';
import { metadata } from '../tests/support/responses.ts';
import { compileForm } from './compiled-form.ts';
import { QUESTION_TYPES } from './question-types/index.ts';
import { SECTIONS } from './question-types/sections.ts';

const [, section = ''] = readFileSync('docs/forms.md', 'utf8').split('### Types\n');
const [table = ''] = /^\|.*?\n$/ms.exec(section) ?? [];
const rows = table
  .trim()
  .split('\n')
  .slice(2)
  .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\||\|$|`/g, '').trim()));

/** Whether a form with this item takes this answer; null is no answer. */
function takes(definition: object, answer: string): boolean {
  const form = compileForm(readDefinition({ form_id: 'a', title: 'A', questions: [definition] }), 1);
  const key = 'name' in definition ? String(definition.name) : '';
  return form.readSubmission({ ...metadata(), [key]: JSON.parse(answer) }).ok;
}

test('forms.md has an example of every type', () => {
  const types = rows.flatMap(([names = '']) => names.split(', '));

  expect(types.toSorted()).toEqual([...Object.keys(QUESTION_TYPES), ...Object.keys(SECTIONS)].toSorted());
});

test.each(rows)('the example of %s accepts and refuses the answers beside it', (...row) => {
  const [names = '', definition = '', accepted = '', refused = ''] = row;

  for (const type of names.split(', ')) {
    const item = { ...JSON.parse(definition), type };
    expect([type, takes(item, accepted), takes(item, refused)]).toEqual([type, true, false]);
  }
});
