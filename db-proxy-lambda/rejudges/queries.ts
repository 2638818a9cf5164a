import type { Kysely, Transaction } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { StoredRejudge } from './contract.ts';
import type { RejudgesTable } from './rows.ts';

/** @throws the driver's duplicate-key error when the same request is queued or running */
export async function insertRejudge(db: Kysely<Schema>, row: RejudgesTable): Promise<void> {
  await db.insertInto('rejudges').values(row).execute();
}

export async function findRejudge(
  db: Kysely<Schema>,
  key: 'rejudge_id' | 'active_key',
  value: string,
): Promise<StoredRejudge | undefined> {
  const row = await db.selectFrom('rejudges').selectAll().where(key, '=', value).executeTakeFirst();
  return row && toStored(row);
}

/** A re-judge, locked until the transaction ends. */
export function lockRejudge(trx: Transaction<Schema>, rejudgeId: string): Promise<RejudgesTable | undefined> {
  return trx.selectFrom('rejudges').selectAll().where('rejudge_id', '=', rejudgeId).forUpdate().executeTakeFirst();
}

export async function updateRejudge(
  trx: Transaction<Schema>,
  rejudgeId: string,
  changes: Partial<Omit<RejudgesTable, 'rejudge_id'>>,
): Promise<void> {
  await trx.updateTable('rejudges').set(changes).where('rejudge_id', '=', rejudgeId).execute();
}

/** The current number of responses to a form, erased ones included, that were saved at or after a time. */
export async function countResponses(db: Kysely<Schema>, formId: string, since: string | null): Promise<number> {
  const { count } = await db
    .selectFrom('responses')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('form_id', '=', formId)
    .$if(since !== null, (query) => query.where('updated_at', '>=', since ?? ''))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function findStalledRejudges(db: Kysely<Schema>, idleSince: string): Promise<string[]> {
  const rows = await db
    .selectFrom('rejudges')
    .select('rejudge_id')
    .where('status', 'in', ['queued', 'running'])
    .where('progress_at', '<', idleSince)
    .limit(100)
    .execute();
  return rows.map((row) => row.rejudge_id);
}

/** Copies the members one by one, because a row may have columns that only a later release knows. */
export function toStored(row: RejudgesTable): StoredRejudge {
  return {
    rejudge_id: row.rejudge_id,
    form_id: row.form_id,
    rules_version: row.rules_version,
    since: row.since,
    status: row.status,
    responses_total: row.responses_total,
    checked: row.checked,
    changed: row.changed,
    error: row.error,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
  };
}
