import { isDeepStrictEqual } from 'node:util';
import { recordEvent } from '../audit/queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { formOperations } from './contract.ts';
import { findForm, findForms, findVersions, insertForm } from './queries.ts';

export const formHandlers: OperationHandlers<typeof formOperations> = {
  listForms: async ({ db }) => ({ forms: await findForms(db) }),

  getForm: async ({ db }, { form_id: formId, version }) => ({ form: (await findForm(db, formId, version)) ?? null }),

  listFormVersions: async ({ db }, { form_id: formId }) => ({ versions: await findVersions(db, formId) }),

  /**
   * Two concurrent saves insert the same version number. The second gets a duplicate key, and is retried after the first.
   *
   * If the last definition is the same, the request is a retry: it is `unchanged`, whatever version was expected.
   */
  putForm: (database, { form_id: formId, definition, expected_version: expectedVersion, by }) =>
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
        subject_id: formId,
        detail: `version ${form.version}`,
      });
      return { outcome: last === undefined ? 'created' : 'updated', form };
    }),
};
