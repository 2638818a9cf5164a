import type { Transaction } from 'kysely';
import type { Input, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import { insertResponseEvents } from '../outbox/queries.ts';
import { findResponse, lockCurrentStates, type CurrentState } from '../responses/queries.ts';
import { isDraft } from '../values.ts';
import { MAX_ATTACHMENTS, type attachmentOperations } from './contract.ts';
import { countsFor, missingIn, NO_FILES } from './missing-files.ts';
import * as queries from './queries.ts';
import { addFilesTo } from './response-files.ts';

export const attachmentHandlers: OperationHandlers<typeof attachmentOperations> = {
  addAttachments: (database, input) => inTransaction(database, (trx) => add(trx, database, input)),

  awaitUpload: (database, { response_id: responseId, only_of: onlyOf = null, file }) =>
    inTransaction(database, async (trx) => {
      const stored = await lockState(trx, responseId);
      const refusal = refusalOf(stored, onlyOf);
      if (refusal !== undefined) return { outcome: refusal };
      if (await queries.hasFile(trx, responseId, file)) return { outcome: 'stored' };
      if (await queries.hasFiles(trx, responseId, MAX_ATTACHMENTS)) return { outcome: 'full' };
      const created_at = new Date().toISOString();
      const row = { ...file, response_id: responseId, only_of: ownerOf(stored, onlyOf), created_at };
      await queries.putAwaited(trx, database.upsert, row);
      return { outcome: 'awaited' };
    }),

  receiveUpload: (database, { object_key: objectKey, type }) =>
    inTransaction(database, async (trx) => {
      const awaited = await queries.lockAwaited(trx, objectKey);
      if (awaited === undefined) return { outcome: 'unknown' };
      const { response_id: responseId, only_of: onlyOf, name, sha256, bytes } = awaited;
      const file = { name, object_key: objectKey, sha256, bytes, type };
      const added = await add(trx, database, {
        response_id: responseId,
        files: [file],
        ...(onlyOf !== null && { only_of: onlyOf }),
      });
      // Another collector's response came meanwhile: the file is not part of it.
      return { outcome: added.outcome === 'other_collector' ? 'unknown' : added.outcome };
    }),

  listFilesOfForm: ({ db }, input) => queries.listFilesOfForm(db, input),

  listAttachments: async ({ db }, { response_id: responseId }) => {
    const response = await findResponse(db, responseId);
    if (response === undefined) return { outcome: 'unknown' };
    if (response.status === 'erased') return { outcome: 'erased' };
    const { form_id, user_id } = response;
    const stored = (await queries.findFiles(db, responseId)).filter((file) => countsFor(file, user_id));
    const expected = await queries.findExpected(db, responseId);
    return {
      outcome: 'found',
      form_id,
      user_id,
      items: stored.map(({ name, object_key, sha256, bytes, type, created_at }) => ({
        name,
        object_key,
        sha256,
        bytes,
        type,
        created_at,
      })),
      expected,
      missing: missingIn({ expected, stored }, user_id),
    };
  },
};

/**
 * Adds files. The lock of `lockFiles` orders this transaction and the one that saves the response. The later of the two
 * sees what the earlier one wrote, so a response that was not found before the lock is looked up again.
 */
async function add(
  trx: Transaction<Schema>,
  { upsert }: Database,
  { response_id: responseId, only_of: onlyOf, files }: Input<'addAttachments'>,
): Promise<Result<'addAttachments'>> {
  const before = await lockState(trx, responseId);
  const early = refusalOf(before, onlyOf ?? null);
  if (early !== undefined) return { outcome: early };
  const locked = await queries.lockFiles(trx, upsert, [{ response_id: responseId, files }]);
  const stored = before ?? (await lockState(trx, responseId));
  const refusal = refusalOf(stored, onlyOf ?? null);
  if (refusal !== undefined) return { outcome: refusal };
  const now = new Date().toISOString();
  if (stored === undefined) {
    await queries.insertFiles(trx, responseId, files, { onlyOf: onlyOf ?? null, now });
    return { outcome: 'added', missing: [] };
  }
  const cleared = await addFilesTo(trx, locked, { response_id: responseId, files }, stored, () => now);
  if (cleared !== undefined && !isDraft(stored.form_id)) await insertResponseEvents(trx, [cleared.event], now);
  return {
    outcome: 'added',
    missing: missingIn(locked.get(responseId) ?? NO_FILES, stored.user_id),
  };
}

async function lockState(trx: Transaction<Schema>, responseId: string): Promise<CurrentState | undefined> {
  return (await lockCurrentStates(trx, [responseId])).get(responseId);
}

function refusalOf(stored: CurrentState | undefined, onlyOf: string | null): 'erased' | 'other_collector' | undefined {
  if (stored === undefined) return undefined;
  if (onlyOf !== null && stored.user_id !== onlyOf) return 'other_collector';
  return stored.status === 'erased' ? 'erased' : undefined;
}

/** The collector to whom an early file belongs; null if the response is stored, because its own collector then counts. */
function ownerOf(stored: CurrentState | undefined, onlyOf: string | null): string | null {
  return stored === undefined ? onlyOf : null;
}
