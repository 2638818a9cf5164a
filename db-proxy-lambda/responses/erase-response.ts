import { recordEvent } from '../audit/queries.ts';
import { deleteEventsOf } from '../outbox/queries.ts';
import { eraseAnswers, lockCurrentStates } from './queries.ts';
import { lockFollowUp, rememberFollowUp, updateTask } from '../tasks/queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';

/** What the task that follows the response up says from then on; its description may have repeated answers. */
const TASK_DESCRIPTION = 'The response was erased.';

/**
 * Erases a response and all that repeats its answers. The row is locked first, as saves lock it, so that a save has either
 * been erased with the rest or finds the tombstone.
 *
 * The audit keeps who erased it, and when, beside the id.
 *
 * The tombstone counts as followed up: events of earlier revisions that are still on their way then change no task.
 */
export const eraseResponse: OperationHandler<'eraseResponse'> = (database, { response_id: responseId, by }) =>
  inTransaction(database, async (trx) => {
    const { kind } = database;
    const stored = (await lockCurrentStates(trx, kind, [responseId])).get(responseId);
    if (stored === undefined) return { outcome: 'unknown' };
    if (stored.status === 'erased') return { outcome: 'erased' };

    const now = new Date().toISOString();
    const tombstone = stored.revision + 1;
    await eraseAnswers(trx, responseId, tombstone, now);
    await deleteEventsOf(trx, responseId);
    const { revision: followed, task } = await lockFollowUp(trx, kind, responseId);
    const description = TASK_DESCRIPTION;
    await rememberFollowUp(trx, responseId, { revision: tombstone, description, isFirst: followed === undefined });
    if (task !== undefined) await updateTask(trx, task.id, { description }, now);
    await recordEvent(trx, by, {
      at: now,
      action: 'response_erased',
      subject_kind: 'response',
      subject_id: responseId,
      detail: null,
    });
    return { outcome: 'erased' };
  });
