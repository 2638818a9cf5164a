import { isDeepStrictEqual } from 'node:util';
import { findForm, insertForm } from '../database/forms.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/**
 * Two managers who save at once both get a version: the second's insert meets the first's key, and its transaction
 * runs again on top of it.
 */
export const putForm: Perform<'putForm'> = (database, { form_id: formId, definition }) =>
  inTransaction(database, async (trx) => {
    const last = await findForm(trx, formId, undefined);
    if (last !== undefined && isDeepStrictEqual(last.definition, definition)) {
      return { form: last, outcome: 'unchanged' };
    }
    const form = {
      form_id: formId,
      version: (last?.version ?? 0) + 1,
      definition,
      created_at: new Date().toISOString(),
    };
    await insertForm(trx, form);
    return { form, outcome: last === undefined ? 'created' : 'updated' };
  });
