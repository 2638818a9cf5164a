import definition from './household-finances.json' with { type: 'json' };
import type { FormDefinition } from './form-definition.ts';
import { parseFormDefinition } from './read-form.ts';

/** Version 1 of the first form, from `household-finances.json`. */
export const householdFinances: FormDefinition = read();

function read(): FormDefinition {
  const result = parseFormDefinition(definition);
  if (!result.ok) throw new Error(`household-finances.json is faulty: ${JSON.stringify(result.errors)}`);
  return result.form;
}
