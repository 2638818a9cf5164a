/** Tries the questions as docs/forms.md describes them. */
import { rowsBelow } from '../../tests/support/documents.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { metadata } from '../../tests/support/responses.ts';
import { compileForm } from './compiled-form.ts';
import { QUESTION_TYPES } from '../question-types/index.ts';
import { SECTIONS } from '../question-types/sections.ts';
import { compileRules } from './rules.ts';

const FORMS = 'docs/forms.md';

const rows = rowsBelow(FORMS, '### Types');

/** A form with these questions. */
const formOf = (questions: unknown[]) => readDefinition({ form_id: 'a', title: 'A', questions });

/** Whether a form with these questions accepts, flags or refuses a response with these answers. */
async function judge(questions: unknown[], answers: object): Promise<'accepted' | 'flagged' | 'refused'> {
  const form = formOf(questions);
  const result = compileForm(form, 1).readSubmission({ ...metadata(), ...answers });
  if (!result.ok) return 'refused';
  const flags = await compileRules(form).check(result.submission.response);
  return flags.length > 0 ? 'flagged' : 'accepted';
}

test('forms.md has an example of every type', () => {
  const types = rows.flatMap(([names = '']) => names.split(', '));

  expect(types.toSorted()).toEqual([...Object.keys(QUESTION_TYPES), ...Object.keys(SECTIONS)].toSorted());
});

test.each(rows)('the example of %s accepts and refuses the answers beside it', async (...row) => {
  const [names = '', definition = '', accepted = '', refused = ''] = row;

  for (const type of names.split(', ')) {
    const item = { ...JSON.parse(definition), type };
    const outcomes = await Promise.all(
      [accepted, refused].map((answer) => judge([item], { [item.name]: JSON.parse(answer) })),
    );
    expect([type, ...outcomes]).toEqual([type, 'accepted', 'refused']);
  }
});

const conditions = rowsBelow(FORMS, '### Conditions of questions');

test('forms.md has an example of every condition of a question', () => {
  expect(conditions.map(([member]) => member)).toEqual(['relevant', 'required', 'constraint', 'if of an option']);
});

test.each(conditions)('the example of %s treats the answers beside it as documented', async (...row) => {
  const [, question = '', accepted = '', other = ''] = row;
  const [, answers = '', outcome] = /^(.*) is (refused|flagged)$/.exec(other) ?? [];
  const earlier = [
    { name: 'pregnant', type: 'boolean', required: false },
    { name: 'region', type: 'select_one', options: ['west', 'east'], required: false },
  ];
  const questions = [...earlier, JSON.parse(question)];

  expect(await judge(questions, JSON.parse(accepted))).toBe('accepted');
  expect(await judge(questions, JSON.parse(answers))).toBe(outcome);
});

test.each(rowsBelow(FORMS, '### Calculations'))('the calculation %s of %s is %s', (...row) => {
  const [question = '', answers = '', stored = ''] = row;
  const born = { name: 'born', type: 'date' };
  const form = compileForm(formOf([born, { ...born, name: 'visited' }, JSON.parse(question)]), 1);

  expect(form.readSubmission({ ...metadata(), ...JSON.parse(answers) })).toMatchObject({
    ok: true,
    submission: { response: JSON.parse(stored) },
  });
});
