import { deleteFiles } from '../attachments/queries.ts';
import { recordEvent } from '../audit/queries.ts';
import { deleteEventsOf, insertResponseEvents } from '../outbox/queries.ts';
import { isDraft } from '../values.ts';
import { deleteReviews } from '../reviews/queries.ts';
import { eraseAnswers } from './erasure-queries.ts';
import { lockCurrentStates } from './queries.ts';
import { releaseUniqueKeys } from './unique-key-queries.ts';
import { closeErasedTask } from '../tasks/close-erased-task.ts';
import { forgetContent } from '../webhooks/delivery-queries.ts';
import { inTransaction } from '../database/transactions.ts';
import type { OperationHandler } from '../operation-handler.ts';

/**
 * Erases a response and everything that repeats its answers. It locks the row first, as saves do: a concurrent save is
 * either erased with the rest or finds the tombstone. The audit keeps the caller and the time.
 */
export const eraseResponse: OperationHandler<'eraseResponse'> = (database, { response_id: responseId, by }) =>
  inTransaction(database, async (trx) => {
    const stored = (await lockCurrentStates(trx, [responseId])).get(responseId);
    if (stored === undefined) return { outcome: 'unknown' };
    if (stored.status === 'erased') return { outcome: 'erased' };

    const now = new Date().toISOString();
    const tombstone = stored.revision + 1;
    await eraseAnswers(trx, responseId, tombstone, now);
    await releaseUniqueKeys(trx, [responseId]);
    await deleteFiles(trx, [responseId]);
    await deleteReviews(trx, responseId);
    await deleteEventsOf(trx, responseId);
    await forgetContent(trx, [responseId]);
    if (!isDraft(stored.form_id)) {
      const event = { response_id: responseId, revision: tombstone, status: 'erased' as const, wasFlagged: false };
      await insertResponseEvents(trx, [event], now);
    }
    await closeErasedTask(trx, responseId, tombstone, now);
    await recordEvent(trx, by, {
      at: now,
      action: 'response_erased',
      subject_id: responseId,
      detail: null,
    });
    return { outcome: 'erased' };
  });
