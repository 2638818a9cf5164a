/** Deliveries: one row per webhook and event that the receiver has not confirmed. */
import type { Insertable, Kysely, Selectable } from 'kysely';
import type { ClaimedDelivery, DeliveryOutcomes, Input, Result } from '../contract.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { cutPage, readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { WebhookDeliveriesTable } from './rows.ts';

/** How long an event is tried, in milliseconds. */
const TRIED_FOR_MS = 3 * 86_400_000;

export function expiryFrom(now: string): string {
  return new Date(Date.parse(now) + TRIED_FOR_MS).toISOString();
}

export async function insertDeliveries(
  db: Kysely<Schema>,
  rows: readonly Insertable<WebhookDeliveriesTable>[],
): Promise<void> {
  for (const some of inChunks(rows, ROWS_PER_STATEMENT)) {
    await db.insertInto('webhook_deliveries').values(some).execute();
  }
}

/** Deletes the texts of erased responses from their deliveries, which keep only ids. */
export async function forgetContent(db: Kysely<Schema>, responseIds: readonly string[]): Promise<void> {
  for (const ids of inChunks(responseIds, IDS_PER_LOOKUP)) {
    await db.updateTable('webhook_deliveries').set({ content: null }).where('response_id', 'in', ids).execute();
  }
}

/**
 * The ids of due deliveries, oldest first. A delivery is not due while an older one of the same response waits for a later
 * time, so that the events of a response arrive in order.
 */
export async function listDueIds(
  { tableWithIndex }: Pick<Database, 'tableWithIndex'>,
  db: Kysely<Schema>,
  { webhookId, now, after, limit }: { webhookId: string; now: string; after: number; limit: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('webhook_deliveries as due')
    .select('due.id')
    .where('due.webhook_id', '=', webhookId)
    .where('due.status', '=', 'pending')
    .where('due.id', '>', after)
    .where('due.due_at', '<=', now)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            // Without the index, MariaDB at times reads all older deliveries for each row.
            .selectFrom(tableWithIndex('webhook_deliveries', 'webhook_deliveries_by_response'))
            .select('webhook_deliveries.id')
            .whereRef('webhook_deliveries.response_id', '=', 'due.response_id')
            .where('webhook_deliveries.webhook_id', '=', webhookId)
            .whereRef('webhook_deliveries.id', '<', 'due.id')
            .where('webhook_deliveries.status', '=', 'pending')
            .where('webhook_deliveries.due_at', '>', now),
        ),
      ),
    )
    .orderBy('due.id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** A page of deliveries, cut by the bytes of their content. */
export async function readDeliveries(db: Kysely<Schema>, ids: readonly number[]): Promise<ClaimedDelivery[]> {
  const { page } = await readByKeys(ids, ids.length, (id) => id, {
    read: (some) => db.selectFrom('webhook_deliveries').selectAll().where('id', 'in', some).execute(),
    nameOf: (row) => row.id,
    bytesOf: ({ content }) => Buffer.byteLength(content ?? ''),
  });
  return page.map((row) => ({
    ...describe(row),
    expires_at: row.expires_at,
    content: row.content === null ? null : JSON.parse(row.content),
  }));
}

function describe(row: Selectable<WebhookDeliveriesTable>) {
  const { id, event_id, type, response_id, revision, form_id, user_id, occurred_at, attempts } = row;
  const about = { delivery_id: id, type, form_id, occurred_at, attempts };
  if (response_id === '') return { ...about, event_id: null, response_id: null, revision: null, user_id: null };
  return { ...about, event_id, response_id, revision, user_id };
}

/** Oldest first. */
export async function listDeliveries(
  db: Kysely<Schema>,
  { webhook_id: webhookId, status, limit, after = 0 }: Input<'listDeliveries'>,
): Promise<Result<'listDeliveries'>> {
  const keys = await db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('webhook_id', '=', webhookId)
    .where('status', '=', status)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const { items: ids, next } = cutPage(keys, limit, ({ id }) => id);
  const { page } = await readByKeys(ids, limit, ({ id }) => id, {
    read: (some) => db.selectFrom('webhook_deliveries').selectAll().where('id', 'in', some).execute(),
    nameOf: (row) => row.id,
    bytesOf: () => 0,
  });
  const items = page.map((row) => ({
    ...describe(row),
    status: row.status,
    due_at: row.due_at,
    reason: row.reason,
  }));
  return { items, next };
}

export async function writeOutcomes(
  db: Kysely<Schema>,
  webhookId: string,
  { delivered, failed }: DeliveryOutcomes,
): Promise<void> {
  for (const ids of inChunks(delivered, ROWS_PER_STATEMENT)) {
    await db.deleteFrom('webhook_deliveries').where('id', 'in', ids).where('webhook_id', '=', webhookId).execute();
  }
  for (const { delivery_id: id, reason, due_at: dueAt } of failed) {
    await db
      .updateTable('webhook_deliveries')
      .set((eb) => ({
        reason,
        attempts: eb('attempts', '+', 1),
        ...(dueAt === null ? { status: 'dead' as const } : { due_at: dueAt }),
      }))
      .where('id', '=', id)
      .where('webhook_id', '=', webhookId)
      .execute();
  }
}

/** Turns pending deliveries into dead letters: those that expired before a time, or all. Returns their number. */
export async function expireDeliveries(
  db: Kysely<Schema>,
  webhookId: string,
  { before, reason }: { before?: string; reason: string },
): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('webhook_deliveries')
    .set({ status: 'dead', reason })
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'pending')
    .$if(before !== undefined, (query) => query.where('expires_at', '<=', before ?? ''))
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Makes the dead letters of a webhook pending again. Returns their number. */
export async function reviveDeliveries(db: Kysely<Schema>, webhookId: string, now: string): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('webhook_deliveries')
    .set({ status: 'pending', attempts: 0, due_at: now, expires_at: expiryFrom(now) })
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'dead')
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

/** Makes every pending delivery due, since its receiver works again. */
export async function makeAllDue(db: Kysely<Schema>, webhookId: string, now: string): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ due_at: now })
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'pending')
    .where('due_at', '>', now)
    .execute();
}

/** The next time after `now` at which a delivery is due; undefined if none is. */
export async function nextDueAfter(db: Kysely<Schema>, webhookId: string, now: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .select((eb) => eb.fn.min('due_at').as('next'))
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'pending')
    .where('due_at', '>', now)
    .executeTakeFirst();
  return row?.next ?? undefined;
}
