import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from 'kysely';
import type { Input, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { deleteSomeResponses, hasResponses } from '../responses/queries.ts';
import { draftOf } from '../values.ts';
import { recordEvent } from '../audit/queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { formOperations } from './contract.ts';
import { deleteVersions, findForm, findForms, findVersions, insertForm, stateOf } from './queries.ts';

export const formHandlers: OperationHandlers<typeof formOperations> = {
  listForms: async ({ db }) => ({ forms: await findForms(db) }),

  getForm: async ({ db }, { form_id: formId, version }) => ({ form: (await findForm(db, formId, version)) ?? null }),

  listFormVersions: async ({ db }, { form_id: formId }) => ({ versions: await findVersions(db, formId) }),

  /**
   * Two concurrent saves insert the same version number. The second gets a duplicate key, and is retried after the first.
   *
   * If the last definition is the same, the request is a retry: it is `unchanged`, whatever version was expected.
   */
  putForm: async (database, input) => {
    const result = await inTransaction(database, (trx) => storeVersion(trx, input));
    // `unchanged` too: the first attempt of a retried request may have ended before the deletion.
    if ((result.outcome === 'updated' || result.outcome === 'unchanged') && stateOf(result.form) !== 'draft') {
      await deleteResponses(database, draftOf(input.form_id));
    }
    return result;
  },

  deleteForm: async (database, { form_id: formId, by }) => {
    const outcome = await inTransaction(database, async (trx) => {
      if ((await findForm(trx, formId, undefined)) === undefined) return 'unknown';
      if (await hasResponses(trx, formId)) return 'in_use';
      await deleteVersions(trx, formId);
      const at = new Date().toISOString();
      await recordEvent(trx, by, { at, action: 'form_deleted', subject_id: formId, detail: null });
      return 'deleted';
    });
    if (outcome !== 'in_use') await deleteResponses(database, draftOf(formId));
    return { outcome };
  },
};

async function storeVersion(
  trx: Transaction<Schema>,
  { form_id: formId, definition, expected_version: expectedVersion, by }: Input<'putForm'>,
): Promise<Result<'putForm'>> {
  const last = await findForm(trx, formId, undefined);
  if (last !== undefined && isDeepStrictEqual(last.definition, definition)) {
    return { outcome: 'unchanged', form: last };
  }
  if (expectedVersion !== undefined && expectedVersion !== last?.version) {
    const expected = await findForm(trx, formId, expectedVersion);
    return { outcome: 'outdated', form: last ?? null, expected: expected ?? null };
  }
  if (last !== undefined && stateOf(last) !== 'draft' && stateOf({ definition }) === 'draft') {
    return { outcome: 'was_open', form: last };
  }
  const at = new Date().toISOString();
  const form = { form_id: formId, version: (last?.version ?? 0) + 1, definition, created_at: at };
  await insertForm(trx, form);
  await recordEvent(trx, by, { at, action: 'form_changed', subject_id: formId, detail: `version ${form.version}` });
  return { outcome: last === undefined ? 'created' : 'updated', form };
}

async function deleteResponses(database: Database, formId: string): Promise<void> {
  while (await inTransaction(database, (trx) => deleteSomeResponses(trx, formId)));
}
