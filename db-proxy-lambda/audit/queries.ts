/** The audit: its rows are never changed or deleted. */
import type { Kysely, Transaction } from 'kysely';
import type { By, Input, Result } from '../contract.ts';
import type { AuditEvent } from './contract.ts';
import { cutPage } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { nameTokens } from '../tokens/queries.ts';

/** The label of a caller that invokes the proxy directly, as `npm run token` does. */
export const OPERATOR = 'operator';

const SUBJECT_KINDS: Record<AuditEvent['action'], AuditEvent['subject_kind']> = {
  response_erased: 'response',
  response_reviewed: 'response',
  export_requested: 'export',
  rejudge_requested: 'form',
  form_changed: 'form',
  form_deleted: 'form',
  live_sheet_changed: 'form',
  live_sheet_ended: 'form',
  token_created: 'token',
  token_revoked: 'token',
  webhook_created: 'webhook',
  webhook_changed: 'webhook',
  webhook_deleted: 'webhook',
};

type NewEvent = Pick<AuditEvent, 'at' | 'action' | 'subject_id' | 'detail'>;

/**
 * Records an action and its caller, with the current label of the caller's token, in the transaction of the action.
 *
 * @param labels the labels of tokens by id, if the caller of this function has read them already; read here if left out
 */
export async function recordEvent(
  trx: Transaction<Schema>,
  by: By | undefined,
  event: NewEvent,
  labels?: ReadonlyMap<string, string>,
): Promise<void> {
  const tokenId = by?.token_id ?? null;
  const names = tokenId === null ? undefined : (labels ?? (await nameTokens(trx, [tokenId])));
  await trx
    .insertInto('audit_events')
    .values({
      ...event,
      subject_kind: SUBJECT_KINDS[event.action],
      token_id: tokenId,
      label: by === undefined ? OPERATOR : (names?.get(tokenId ?? '') ?? null),
      source_ip: by?.source_ip ?? null,
    })
    .execute();
}

const VERSION = 'version ';

/** The detail of an event about a version of a form. */
export function versionText(version: number): string {
  return VERSION + version;
}

/** The last version that a form had when it was last deleted; undefined if it never was. */
export async function findDeletedVersion(db: Kysely<Schema>, formId: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('audit_events')
    .select('detail')
    .where('action', '=', 'form_deleted')
    .where('subject_id', '=', formId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && Number(row.detail?.slice(VERSION.length) ?? 0);
}

/** Newest first. */
export async function listAuditEvents(
  db: Kysely<Schema>,
  { action, token_id: tokenId, subject_id: subjectId, since, after, limit }: Input<'listAuditEvents'>,
): Promise<Result<'listAuditEvents'>> {
  let query = db.selectFrom('audit_events').selectAll();
  if (action !== undefined) query = query.where('action', '=', action);
  if (tokenId !== undefined) query = query.where('token_id', '=', tokenId);
  if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (after !== undefined) {
    const { at, id } = after;
    query = query.where('at', '<=', at).where((eb) => eb.or([eb('at', '<', at), eb('id', '<', id)]));
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return cutPage(rows, limit, ({ at, id }) => ({ at, id }));
}

export function findAuditEvents(db: Kysely<Schema>, ids: readonly number[]): Promise<AuditEvent[]> {
  return db.selectFrom('audit_events').selectAll().where('id', 'in', ids).execute();
}
