import { isDeepStrictEqual } from 'node:util';
import { recordEvent } from '../database/audit.ts';
import { findForm, insertForm } from '../database/forms.ts';
import { inTransaction } from '../database/transactions.ts';
import type { Perform } from './operation.ts';

/**
 * Two managers who save at once meet at the key of the next version: the second's transaction runs again on top of the
 * first's, where the version that it expected is no longer the last.
 *
 * What is stored already is `unchanged` whatever was expected: a request that is repeated after its answer was lost.
 */
export const putForm: Perform<'putForm'> = (
  database,
  { form_id: formId, definition, expected_version: expectedVersion, by },
) =>
  inTransaction(database, async (trx) => {
    const last = await findForm(trx, formId, undefined);
    if (last !== undefined && isDeepStrictEqual(last.definition, definition)) {
      return { outcome: 'unchanged', form: last };
    }
    if (expectedVersion !== undefined && expectedVersion !== last?.version) {
      const expected = await findForm(trx, formId, expectedVersion);
      return { outcome: 'outdated', form: last ?? null, expected: expected ?? null };
    }
    const at = new Date().toISOString();
    const form = { form_id: formId, version: (last?.version ?? 0) + 1, definition, created_at: at };
    await insertForm(trx, form);
    await recordEvent(trx, by, {
      at,
      action: 'form_changed',
      subject_kind: 'form',
      subject_id: formId,
      detail: `version ${form.version}`,
    });
    return { outcome: last === undefined ? 'created' : 'updated', form };
  });
