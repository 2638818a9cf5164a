import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from 'kysely';
import type { Input, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { deleteSomeOfDraft } from '../responses/erasure-queries.ts';
import { hasResponses } from '../responses/queries.ts';
import { countByForm } from '../quality/queries.ts';
import { findDeletedVersion, recordEvent, versionText } from '../audit/queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { formOperations } from './contract.ts';
import { deleteVersions, findForm, findForms, findVersions, insertForm, stateOf } from './queries.ts';

export const formHandlers: OperationHandlers<typeof formOperations> = {
  listForms: async ({ db }, { counts: areCounted = false }) => {
    const forms = await findForms(db);
    if (!areCounted) return { forms };
    const counts = await countByForm(
      db,
      forms.map((form) => form.form_id),
    );
    return { forms: forms.map((form) => ({ ...form, ...(counts.get(form.form_id) ?? { responses: 0, open: 0 }) })) };
  },

  getForm: async ({ db }, { form_id: formId, version }) => ({ form: (await findForm(db, formId, version)) ?? null }),

  listFormVersions: async ({ db }, { form_id: formId }) => ({ versions: await findVersions(db, formId) }),

  /**
   * Two concurrent saves insert the same version number. The second gets a duplicate key, and is retried after the
   * first.
   *
   * If the last definition is the same, the request is a retry: it is `unchanged`, whatever version was expected.
   */
  putForm: async (database, input) => {
    const result = await inTransaction(database, (trx) => storeVersion(trx, input));
    // This also runs after a retry: the first attempt may have died before it deleted the draft.
    if (result.outcome === 'updated' || result.outcome === 'unchanged') {
      const { form } = result;
      const before = await findForm(database.db, form.form_id, form.version - 1);
      const hasOpened = before !== undefined && stateOf(before) === 'draft' && stateOf(form) !== 'draft';
      if (hasOpened) await deleteDraft(database, form.form_id, form.created_at);
    }
    return result;
  },

  deleteForm: async (database, { form_id: formId, by }) => {
    const outcome = await inTransaction(database, async (trx) => {
      const last = await findForm(trx, formId, undefined);
      if (last === undefined) return 'unknown';
      if (await hasResponses(trx, formId)) return 'in_use';
      await deleteVersions(trx, formId);
      const at = new Date().toISOString();
      await recordEvent(trx, by, { at, action: 'form_deleted', subject_id: formId, detail: versionText(last.version) });
      return 'deleted';
    });
    if (outcome !== 'in_use') await deleteDraft(database, formId);
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
  // A deleted form that is created again continues its version numbers: phones, caches and ETags may still hold the old
  // ones.
  const lastNumber = last?.version ?? (await findDeletedVersion(trx, formId)) ?? 0;
  const form = { form_id: formId, version: lastNumber + 1, definition, created_at: at };
  await insertForm(trx, form);
  await recordEvent(trx, by, { at, action: 'form_changed', subject_id: formId, detail: versionText(form.version) });
  return { outcome: last === undefined ? 'created' : 'updated', form };
}

async function deleteDraft(database: Database, formId: string, until?: string): Promise<void> {
  while (await inTransaction(database, (trx) => deleteSomeOfDraft(trx, formId, until)));
}
