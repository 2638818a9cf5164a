import { householdFinances } from '../../forms/definition/household-finances.ts';
import type { Database } from '../database/database.ts';
import { findDeletedVersion } from '../audit/queries.ts';
import { findForm, insertForm } from './queries.ts';

/** The forms that every installation starts with. Managers change them through the API. */
const firstForms = [householdFinances];

/**
 * Stores version 1 of the first forms, unless they exist or a manager has deleted them. Concurrent cold starts are
 * safe.
 */
export async function seedForms(database: Database): Promise<void> {
  for (const definition of firstForms) {
    const { form_id: formId } = definition;
    if ((await findForm(database.db, formId, undefined)) !== undefined) continue;
    if ((await findDeletedVersion(database.db, formId)) !== undefined) continue;
    try {
      await insertForm(database.db, {
        form_id: formId,
        version: 1,
        definition,
        created_at: new Date().toISOString(),
      });
    } catch (error) {
      if (database.errorKind(error) !== 'DUPLICATE_KEY') throw error;
    }
  }
}
