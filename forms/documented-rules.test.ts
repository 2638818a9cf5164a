/** Tries the operators and expressions as docs/forms.md describes them. */
import { readFileSync } from 'node:fs';
import { readDefinition } from '../tests/support/form-samples.ts';
import { compileForm } from './compiled-form.ts';
import { EXPRESSION_OPERATORS } from './expression.ts';
import { OPERATORS } from './operators.ts';
import { compileRules } from './rules.ts';

const textOf = (file: string) => readFileSync(`docs/${file}`, 'utf8');
const visit = (): object => JSON.parse(textOf('examples/visit.json'));
const response: Record<string, unknown> = JSON.parse(textOf('examples/visit-response.json'));

/** The cells of the table below a heading, row by row, without backquotes. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = textOf('forms.md').split(`### ${heading}\n`);
  const [table = ''] = /^\|.*?\n$/ms.exec(section) ?? [];
  const rows = table.trim().split('\n').slice(2);
  return rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\||\|$|`/g, '').trim()));
}

const operators = rowsBelow('Operators');

test('forms.md lists every operator', () => {
  expect(operators.flatMap(([names = '']) => names.split(', ')).toSorted()).toEqual(OPERATORS.toSorted());
});

test.each(operators)('the example of %s accepts the sample and flags what breaks it', async (...row) => {
  const [, , , example = '', broken = ''] = row;
  const rules = [{ name: 'Example', message: 'Look.', conditions: JSON.parse(example) }];
  const checker = compileRules(readDefinition({ form_id: 'visit', ...visit(), rules }));

  expect(await checker.check(response)).toEqual([]);
  expect(await checker.check({ ...response, ...JSON.parse(broken) })).toMatchObject([{ rule: 'Example' }]);
});

const expressions = rowsBelow('Expressions');

test('forms.md lists every operator of expressions', () => {
  expect(expressions.map(([name]) => name)).toEqual(Object.keys(EXPRESSION_OPERATORS));
});

test.each(expressions)('the example of %s has the documented value', async (...row) => {
  const [, , example = '', value] = row;
  const facts = [{ name: 'shown', value: JSON.parse(example) }];
  const rules = [{ name: 'R', message: '{shown}', conditions: { fact: 'village', operator: 'equal', value: 'none' } }];
  const checker = compileRules(readDefinition({ form_id: 'visit', ...visit(), facts, rules }));

  expect(await checker.check(response, { now: Date.parse('2026-09-11T00:00:00Z') })).toMatchObject([
    { message: value },
  ]);
});

test('the form of the examples takes the sample response', () => {
  const form = compileForm(readDefinition({ form_id: 'visit', ...visit() }), 1);

  expect(form.readSubmission(response).ok).toBe(true);
});
