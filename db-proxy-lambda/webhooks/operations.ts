import { recordEvent } from '../audit/queries.ts';
import { inTransaction } from '../database/transactions.ts';
import { deleteLease, holdLease, secondsFromNow } from '../leases/queries.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import { MAX_WEBHOOKS, type webhookOperations } from './contract.ts';
import * as deliveries from './delivery-queries.ts';
import { finishDeliveries } from './finish-deliveries.ts';
import * as queries from './queries.ts';

export const leaseOf = (webhookId: string): string => `webhook/${webhookId}`;

export const webhookHandlers: OperationHandlers<typeof webhookOperations> = {
  createWebhook: (database, input) =>
    inTransaction(database, async (trx) => {
      const { webhook_id: webhookId, url, by } = input;
      const at = new Date().toISOString();
      if ((await queries.findWebhookRow(trx, webhookId)) === undefined) {
        if ((await queries.countWebhooks(trx)) >= MAX_WEBHOOKS) return { outcome: 'full' };
        await queries.insertWebhook(trx, input, at);
        await recordEvent(trx, by, { at, action: 'webhook_created', subject_id: webhookId, detail: hostOf(url) });
      }
      const webhook = await describeStored(trx, webhookId);
      if (webhook === undefined) throw new Error('The webhook was deleted in its own transaction.');
      return { outcome: 'created', webhook };
    }),

  listWebhooks: ({ db }, input) => queries.listWebhooks(db, input),

  getWebhook: async ({ db }, { webhook_id: webhookId }) => {
    const row = await queries.findWebhookRow(db, webhookId);
    const [webhook] = row === undefined ? [] : await queries.describeWebhooks(db, [row]);
    return { found: row === undefined || webhook === undefined ? null : { webhook, secret: row.secret } };
  },

  updateWebhook: (database, { webhook_id: webhookId, changes, by }) =>
    inTransaction(database, async (trx) => {
      const { url, events, form_id: formId, active } = changes;
      const at = new Date().toISOString();
      const isStored = await queries.updateWebhook(trx, webhookId, {
        ...(url !== undefined && { url }),
        ...(events !== undefined && { events: JSON.stringify(events) }),
        ...(formId !== undefined && { form_id: formId }),
        ...(active !== undefined && { active: active ? 1 : 0 }),
        failures: 0,
        retry_at: null,
        updated_at: at,
      });
      const webhook = isStored ? await describeStored(trx, webhookId) : undefined;
      if (webhook === undefined) return { webhook: null };
      await deliveries.makeAllDue(trx, webhookId, at);
      const detail = hostOf(webhook.url);
      await recordEvent(trx, by, { at, action: 'webhook_changed', subject_id: webhookId, detail });
      return { webhook };
    }),

  deleteWebhook: (database, { webhook_id: webhookId, by }) =>
    inTransaction(database, async (trx) => {
      const deleted = await queries.deleteWebhook(trx, webhookId);
      if (deleted) {
        const at = new Date().toISOString();
        await recordEvent(trx, by, { at, action: 'webhook_deleted', subject_id: webhookId, detail: null });
      }
      return { deleted };
    }),

  listDeliveries: ({ db }, input) => deliveries.listDeliveries(db, input),

  redeliver: (database, { webhook_id: webhookId }) =>
    inTransaction(database, async (trx) => {
      const now = new Date().toISOString();
      await queries.updateWebhook(trx, webhookId, { retry_at: null });
      return { redelivered: await deliveries.reviveDeliveries(trx, webhookId, now) };
    }),

  listDueWebhooks: async (database, { now }) => {
    const { db } = database;
    const due: string[] = [];
    for (const { webhook_id: webhookId, retry_at: retryAt } of await queries.listActiveWebhooks(db)) {
      if (retryAt !== null && retryAt > now) continue;
      const ids = await deliveries.listDueIds(database, db, { webhookId, now, after: 0, limit: 1 });
      if (ids.length > 0) due.push(webhookId);
    }
    return { webhook_ids: due };
  },

  claimDeliveries: (database, input) =>
    inTransaction(database, async (trx) => {
      const { webhook_id: webhookId, holder, now, lease_seconds: seconds, after, limit, outcomes } = input;
      await deliveries.writeOutcomes(trx, webhookId, outcomes);
      const lease = { name: leaseOf(webhookId), holder, heldUntil: secondsFromNow(seconds) };
      if (!(await holdLease(trx, lease))) return { claimed: false, target: null, deliveries: [] };
      const row = await queries.findWebhookRow(trx, webhookId);
      if (row === undefined || row.active === 0 || (row.retry_at ?? '') > now) {
        return { claimed: true, target: null, deliveries: [] };
      }
      const ids = await deliveries.listDueIds(database, trx, { webhookId, now, after, limit });
      const { url, secret, failures } = row;
      return {
        claimed: true,
        target: { url, secret, failures },
        deliveries: await deliveries.readDeliveries(trx, ids),
      };
    }),

  finishDeliveries: (database, input) =>
    inTransaction(database, async (trx) => {
      await deleteLease(trx, leaseOf(input.webhook_id), input.holder);
      return await finishDeliveries(database, trx, input);
    }),
};

/** The audit keeps only the host: the rest of an address may contain a secret. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? '';
}

async function describeStored(trx: Parameters<typeof queries.findWebhookRow>[0], webhookId: string) {
  const row = await queries.findWebhookRow(trx, webhookId);
  const [webhook] = row === undefined ? [] : await queries.describeWebhooks(trx, [row]);
  return webhook;
}
