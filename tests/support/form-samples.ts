import type { FormDefinition } from '../../forms/definition/form-definition.ts';
import { parseFormDefinition, readStoredForm } from '../../forms/definition/read-form.ts';

/** The payload of a household that violates no rule. `changes` replaces keys; an undefined value removes its key. */
export function sampleResponse(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const response = {
    response_id: 'r-1',
    response_family_id: 'family-1',
    user_id: 'collector-1',
    username: 'amina',
    location: 'Nairobi',
    submitted_time: '2026-09-01T06:00:00Z',
    synced_time: '2026-09-01T06:01:00Z',
    last_modified_time: '2026-09-01T06:00:00Z',
    name: "Noor O'Neil",
    email: 'noor@example.org',
    mobile_number: '+254700000000',
    gender: 'female',
    age: 41,
    [INCOME]: 3000,
    [SAVINGS]: '500.00',
    [EXPENDITURE]: 2000.5,
    [FOOD]: '800',
    [CABLE]: 20,
    [HEALTHCARE]: '0',
    [FUEL]: 60.25,
    ...changes,
  };
  return Object.fromEntries(Object.entries(response).filter(([, value]) => value !== undefined));
}

export const INCOME = 'what is the monthly income?';
export const SAVINGS = 'what is the monthly savings?';
export const EXPENDITURE = 'what is the monthly expenditure?';
export const FOOD = 'How much money do you spend monthly on food?';
export const CABLE = 'How much money do you spend monthly on your cable service?';
export const HEALTHCARE = 'How much money do you spend monthly on healthcare?';
export const FUEL = 'How much money do you spend monthly on fuel for your car?';

/** A valid definition as posted, with a question of every type, an optional question, derived facts and a rule. */
export function sampleDefinition(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    form_id: 'water_points',
    title: 'Water points',
    questions: [
      { key: 'people', column: 'people', type: 'integer', min: 0, max: 500 },
      { key: 'price', column: 'price', type: 'decimal' },
      { key: 'fee', column: 'fee', type: 'decimal', required: false },
      { key: 'source', column: 'source', type: 'choice', options: ['well', 'river', 'tap'] },
      { key: 'notes', column: 'notes', type: 'text', max_length: 20, multiline: true, required: false },
      { key: 'built', column: 'built_time', type: 'time', required: false },
      { key: 'repaired', column: 'repaired_time', type: 'time', required: false },
      { key: 'works', column: 'works', type: 'boolean' },
      { name: 'opened', type: 'date', required: false },
      { name: 'opens_at', type: 'time_of_day', required: false },
      { name: 'visited', type: 'datetime', required: false },
      { name: 'region', type: 'select_one', options: [{ name: 'north', label: 'North' }, 'south'], required: false },
      {
        name: 'uses',
        type: 'select_multiple',
        options: ['drinking', { name: 'cattle', if: { question: 'region', is: ['north'] } }, 'garden'],
        max: 2,
        required: false,
      },
      { name: 'place', type: 'geopoint', required: false },
      { name: 'photo', type: 'image', required: false },
      { name: 'sound', type: 'audio', required: false },
      { name: 'film', type: 'video', required: false },
      { name: 'report', type: 'file', required: false },
      { name: 'per_person', type: 'calculate', value: { divide: ['price', 'people'] } },
      { name: 'thanks', type: 'note', label: { en: 'Thank you.', fr: 'Merci.' } },
    ],
    facts: [
      { name: 'cost', add: ['price', 'fee'] },
      { name: 'margin', add: ['people'], subtract: ['cost'] },
    ],
    rules: [
      {
        name: 'Cheap',
        message: 'The cost is {cost}, above the {people} people.',
        conditions: { all: [{ fact: 'margin', operator: 'greaterThanInclusive', value: 0 }] },
      },
    ],
    ...changes,
  };
}

/** Reads a definition. Throws if it is invalid, which is an error of the test. */
export function readDefinition(input: unknown): FormDefinition {
  const result = parseFormDefinition(input);
  if (!result.ok) throw new Error(JSON.stringify(result.errors, null, 2));
  return result.form;
}

/** A form with the sample's questions and facts and one rule, `Test`. */
export function formWithRule(conditions: unknown, message = 'Look again.'): FormDefinition {
  const definition = sampleDefinition({ rules: [{ name: 'Test', message, conditions }] });
  return readStoredForm({ form_id: 'water_points', version: 1, definition });
}

/** The pointers of a result's faults, sorted; none if there is no fault. */
export function pointersOf(result: { ok: true } | { ok: false; errors: readonly { pointer: string }[] }): string[] {
  return result.ok ? [] : result.errors.map(({ pointer }) => pointer).toSorted();
}
