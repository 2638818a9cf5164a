/** Reads and writes of the audit. Rows are added and read, never changed or deleted. */
import type { Kysely, Transaction } from 'kysely';
import type { AuditEvent, By, Input } from '../contract.ts';
import type { Schema } from '../database/schema.ts';

/** The label of whoever asks past the API: by `npm run token`, or by invoking the proxy. */
const OPERATOR = 'operator';

type Recorded = Pick<AuditEvent, 'at' | 'action' | 'subject_kind' | 'subject_id' | 'detail'>;

/** Records who did something, in the transaction that does it. The label is the token's as it is now. */
export async function recordEvent(trx: Transaction<Schema>, by: By | undefined, event: Recorded): Promise<void> {
  const tokenId = by?.token_id ?? null;
  const token =
    tokenId === null
      ? undefined
      : await trx.selectFrom('tokens').select('label').where('token_id', '=', tokenId).executeTakeFirst();
  const label = by === undefined ? OPERATOR : (token?.label ?? null);
  await trx
    .insertInto('audit_events')
    .values({ ...event, token_id: tokenId, label, source_ip: by?.source_ip ?? null })
    .execute();
}

/** Newest first. */
export async function listAuditEvents(
  db: Kysely<Schema>,
  { action, token_id: tokenId, since, after, limit }: Input<'listAuditEvents'>,
): Promise<{ items: AuditEvent[]; more: boolean }> {
  let query = db.selectFrom('audit_events').selectAll();
  if (action !== undefined) query = query.where('action', '=', action);
  if (tokenId !== undefined) query = query.where('token_id', '=', tokenId);
  if (since !== undefined) query = query.where('at', '>=', since);
  if (after !== undefined) {
    const { at, id } = after;
    query = query.where('at', '<=', at).where((is) => is.or([is('at', '<', at), is('id', '<', id)]));
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return { items: rows.slice(0, limit), more: rows.length > limit };
}
