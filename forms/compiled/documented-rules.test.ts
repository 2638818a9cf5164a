/** Tries the operators and expressions as docs/forms.md describes them. */
import { readFileSync } from 'node:fs';
import { jsonBelow, rowsBelow } from '../../tests/support/documents.ts';
import { readDefinition } from '../../tests/support/form-samples.ts';
import { compileForm } from './compiled-form.ts';
import { EXPRESSION_OPERATORS } from '../language/expression-operators.ts';
import { OPERATORS } from '../language/operators.ts';
import { compileRules } from './rules.ts';

const FORMS = 'docs/forms.md';

const textOf = (file: string) => readFileSync(`docs/${file}`, 'utf8');
const visit = (): object => JSON.parse(textOf('examples/visit.json'));
const response: Record<string, unknown> = JSON.parse(textOf('examples/visit-response.json'));

const operators = rowsBelow(FORMS, '### Operators');

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

const expressions = rowsBelow(FORMS, '### Expressions');

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

test('the rule over a repeat flags the entry of the sample that the document shows', async () => {
  const [rule, flag] = jsonBelow(FORMS, '### Groups and repeats');
  const checker = compileRules(readDefinition({ form_id: 'visit', ...visit(), rules: [rule] }));

  expect(await checker.check(response)).toEqual([flag]);
});

const compared = ['Types', 'Columns', 'Functions'].flatMap((part) => rowsBelow(FORMS, `### ${part} in XLSForm`));

test.each(compared.filter(([, collect = '']) => collect.startsWith('{')))(
  'instead of %s, the form of the examples accepts %s',
  (...row) => {
    const [, example = ''] = row;
    const sent = JSON.parse(example);
    const isCondition = ['fact', 'all', 'any', 'not'].some((member) => member in sent);
    const changes = isCondition
      ? { rules: [{ name: 'Example', message: 'Look.', conditions: sent }] }
      : { facts: [{ name: 'example', value: sent }] };

    expect(readDefinition({ form_id: 'visit', ...visit(), ...changes })).toMatchObject(changes);
  },
);
