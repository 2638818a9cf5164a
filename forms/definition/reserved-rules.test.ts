import { pointersOf, sampleDefinition } from '../../tests/support/form-samples.ts';
import { parseFormDefinition, readStoredForm } from './read-form.ts';

describe.each(['DoesNotFit', 'FormClosed', 'MissingAttachment'])('the name %s of Collect’s own flags', (name) => {
  const condition = { fact: 'people', operator: 'lessThan', value: 400 };
  const definition = sampleDefinition({ rules: [{ name, message: 'Look again.', conditions: condition }] });

  test('is refused as the name of a rule or of a unique list', () => {
    expect(pointersOf(parseFormDefinition(definition))).toEqual(['/rules/0/name']);
    const unique = sampleDefinition({ unique: [{ name, questions: ['people'] }] });
    expect(pointersOf(parseFormDefinition(unique))).toEqual(['/unique/0/name']);
  });

  test('stays readable in a stored form', () => {
    expect(readStoredForm({ form_id: 'water_points', version: 1, definition }).rules).toMatchObject([{ name }]);
  });
});
