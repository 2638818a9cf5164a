import { readFileSync } from 'node:fs';
import { LIMITS } from './limits.ts';

/** The start of a row, and the limits that its numbers state; null if a number is not in LIMITS. */
type Row = [what: string, ...limits: (keyof typeof LIMITS | null)[]];
const ROWS: Row[] = [
  ['questions, groups and repeats', 'questions'],
  ['depth of groups and repeats', 'nesting'],
  ['entries of a repeat', 'entries'],
  ['options of a question', 'options'],
  ['a label or a hint', 'label', 'languages'],
  ['derived facts', 'facts'],
  ['terms of one derived fact', 'terms', 'all_terms'],
  ['rules', 'rules'],
  ['lists of `unique`', 'unique', 'unique_questions', 'unique_days'],
  ['comparisons of a rule', 'conditions', 'all_comparisons'],
  ['comparisons of all rules for the largest response', 'judged_comparisons'],
  ['terms of facts and calculations', 'computed_terms'],
  ['the values of all calculations', 'computed_bytes'],
  ['constants of `in`', 'list'],
  ['depth of conditions', 'depth', 'depth'],
  ['a message', 'message', null, null, null],
  ['a pattern', 'pattern', 'matched_text'],
  ['steps of the patterns', 'rule_pattern_steps', 'question_pattern_steps'],
  ['the definition', null],
  ['a response', null],
];

test('the table in docs/forms.md gives the limits', () => {
  const [, section = ''] = readFileSync('docs/forms.md', 'utf8').split('## How large a form may be\n');
  const [table = ''] = section.trim().split('\n\n');
  const rows = table.split('\n').slice(2);
  const maxima = rows.map((row) =>
    row
      .split('|')[2]
      ?.match(/\d[\d,]*/g)
      ?.map((each) => Number(each.replaceAll(',', ''))),
  );

  expect(rows.map((row, index) => row.startsWith(`| ${ROWS[index]?.[0]}`))).toEqual(ROWS.map(() => true));
  expect(maxima).toEqual(
    ROWS.map(([, ...limits], index) =>
      limits.map((name, place) => (name === null ? maxima[index]?.[place] : LIMITS[name])),
    ),
  );
});

test('the table in docs/forms.md has every limit, except the max_length of texts', () => {
  const named = new Set(ROWS.flatMap(([, ...limits]) => limits));
  const limits = Object.keys(LIMITS).filter((name) => ![...named].some((each) => each === name));
  expect(limits).toEqual(['text']);
});
