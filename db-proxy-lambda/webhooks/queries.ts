import type { Kysely, Selectable } from 'kysely';
import type { Input, Result, Webhook } from '../contract.ts';
import { cutPage, readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { WebhooksTable } from './rows.ts';

type WebhookRow = Selectable<WebhooksTable>;
type Changes = Partial<Omit<WebhooksTable, 'webhook_id' | 'created_at'>>;

/** @throws the driver's duplicate-key error if another transaction inserted it first */
export async function insertWebhook(
  db: Kysely<Schema>,
  { webhook_id, url, secret, events, form_id }: Input<'createWebhook'>,
  now: string,
): Promise<void> {
  await db
    .insertInto('webhooks')
    .values({
      webhook_id,
      url,
      secret,
      events: JSON.stringify(events),
      form_id,
      active: 1,
      failures: 0,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

export async function countWebhooks(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom('webhooks')
    .select((eb) => eb.fn.countAll().as('webhooks'))
    .executeTakeFirstOrThrow();
  return Number(row.webhooks);
}

export function findWebhookRow(db: Kysely<Schema>, webhookId: string): Promise<WebhookRow | undefined> {
  return db.selectFrom('webhooks').selectAll().where('webhook_id', '=', webhookId).executeTakeFirst();
}

/** The webhooks that are switched on. */
export function listActiveWebhooks(
  db: Kysely<Schema>,
): Promise<Pick<WebhookRow, 'webhook_id' | 'events' | 'form_id' | 'retry_at'>[]> {
  return db
    .selectFrom('webhooks')
    .select(['webhook_id', 'events', 'form_id', 'retry_at'])
    .where('active', '=', 1)
    .execute();
}

/** Newest first. */
export async function listWebhooks(
  db: Kysely<Schema>,
  { limit, after }: Input<'listWebhooks'>,
): Promise<Result<'listWebhooks'>> {
  let query = db.selectFrom('webhooks').select(['webhook_id', 'created_at']);
  if (after !== undefined) {
    const { created_at: createdAt, webhook_id: webhookId } = after;
    query = query
      .where('created_at', '<=', createdAt)
      .where((eb) => eb.or([eb('created_at', '<', createdAt), eb('webhook_id', '<', webhookId)]));
  }
  const keys = await query
    .orderBy('created_at', 'desc')
    .orderBy('webhook_id', 'desc')
    .limit(limit + 1)
    .execute();
  const { items, next } = cutPage(keys, limit, ({ created_at, webhook_id }) => ({ created_at, webhook_id }));
  const { page } = await readByKeys(items, limit, (key) => key.webhook_id, {
    read: (ids) => db.selectFrom('webhooks').selectAll().where('webhook_id', 'in', ids).execute(),
    nameOf: (row) => row.webhook_id,
    bytesOf: ({ url }) => Buffer.byteLength(url),
  });
  return { items: await describeWebhooks(db, page), next };
}

/** Rows as callers see them, with the numbers of their deliveries and without their secrets. */
export async function describeWebhooks(db: Kysely<Schema>, rows: readonly WebhookRow[]): Promise<Webhook[]> {
  if (rows.length === 0) return [];
  const counts = await db
    .selectFrom('webhook_deliveries')
    .select((eb) => ['webhook_id', 'status', eb.fn.countAll().as('deliveries')])
    .where(
      'webhook_id',
      'in',
      rows.map((row) => row.webhook_id),
    )
    .groupBy(['webhook_id', 'status'])
    .execute();
  const numbers = new Map(counts.map((row) => [`${row.status} ${row.webhook_id}`, Number(row.deliveries)]));
  return rows.map(({ secret: _secret, events, active, failures: _failures, retry_at: _retryAt, ...row }) => ({
    ...row,
    events: JSON.parse(events),
    state: stateOf(active, row),
    pending: numbers.get(`pending ${row.webhook_id}`) ?? 0,
    dead: numbers.get(`dead ${row.webhook_id}`) ?? 0,
  }));
}

function stateOf(
  active: number,
  { last_failure_at: failedAt, last_success_at: succeededAt }: Pick<WebhookRow, 'last_failure_at' | 'last_success_at'>,
): Webhook['state'] {
  if (active === 0) return 'off';
  return failedAt !== null && failedAt > (succeededAt ?? '') ? 'failing' : 'working';
}

/** Changes a webhook. Returns false if there is none. */
export async function updateWebhook(db: Kysely<Schema>, webhookId: string, changes: Changes): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('webhooks')
    .set(changes)
    .where('webhook_id', '=', webhookId)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Deletes a webhook and its deliveries. Returns false if there is none. */
export async function deleteWebhook(db: Kysely<Schema>, webhookId: string): Promise<boolean> {
  await db.deleteFrom('webhook_deliveries').where('webhook_id', '=', webhookId).execute();
  const { numDeletedRows } = await db.deleteFrom('webhooks').where('webhook_id', '=', webhookId).executeTakeFirst();
  return numDeletedRows > 0n;
}
