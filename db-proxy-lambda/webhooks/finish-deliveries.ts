import type { Transaction } from 'kysely';
import type { Input, Result } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { expireDeliveries, listDueIds, makeAllDue, nextDueAfter, writeOutcomes } from './delivery-queries.ts';
import { findWebhookRow, updateWebhook } from './queries.ts';

/**
 * Ends a run. The caller has released the lease in the same transaction, so that a delivery that is queued later finds the
 * lease free, and an earlier one is seen here.
 */
export async function finishDeliveries(
  database: Database,
  trx: Transaction<Schema>,
  input: Input<'finishDeliveries'>,
): Promise<Result<'finishDeliveries'>> {
  const { webhook_id: webhookId, holder, now, outcomes, url } = input;
  await writeOutcomes(trx, webhookId, outcomes);
  const row = await findWebhookRow(trx, webhookId);
  if (row === undefined) return { due_at: null, expired: 0 };
  const isSameUrl = url === undefined || url === row.url;
  const learned = isSameUrl ? input : { webhook_id: webhookId, holder, now, outcomes };
  const { succeeded_at: succeededAt, failure, retry_at: retryAt, gone } = learned;
  if (succeededAt !== undefined || failure !== undefined) {
    await updateWebhook(trx, webhookId, {
      ...(succeededAt !== undefined && { last_success_at: succeededAt, failures: 0, retry_at: null }),
      ...(failure !== undefined && { last_failure_at: failure.at, last_failure: failure.reason }),
      ...(retryAt !== undefined && { failures: row.failures + 1, retry_at: retryAt }),
      ...(gone === true && { active: 0 }),
    });
  }
  const hasRecovered = succeededAt !== undefined && row.failures > 0 && retryAt === undefined;
  if (hasRecovered) await makeAllDue(trx, webhookId, now);
  const expired = await expire(trx, learned);
  if (gone === true || row.active === 0) return { due_at: null, expired };
  const heldBackUntil = retryAt ?? (succeededAt === undefined ? row.retry_at : null) ?? '';
  const [first] = await listDueIds(database, trx, { webhookId, now, after: 0, limit: 1 });
  const due = first === undefined ? await nextDueAfter(trx, webhookId, now) : now;
  if (due === undefined) return { due_at: null, expired };
  return { due_at: due > heldBackUntil ? due : heldBackUntil, expired };
}

/** While the whole receiver fails, deliveries become dead letters when they expire, even without a try. */
async function expire(
  trx: Transaction<Schema>,
  { webhook_id: webhookId, now, retry_at: retryAt, gone, failure }: Input<'finishDeliveries'>,
): Promise<number> {
  if (failure === undefined || (retryAt === undefined && gone === undefined)) return 0;
  const { reason } = failure;
  return await expireDeliveries(trx, webhookId, gone === true ? { reason } : { reason, before: now });
}
