import type { Kysely, Transaction } from 'kysely';
import type { Input, Result, StoredExport } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { ExportsTable } from './rows.ts';

type ExportKey = Pick<ExportsTable, 'created_at' | 'export_id'>;

/**
 * Inserts a queued export.
 *
 * @throws the driver's duplicate-key error when the same request is queued or running
 */
export async function insertExport(
  db: Kysely<Schema>,
  { export_id: exportId, table_name: table, request }: Input<'requestExport'>,
  activeKey: string,
  now: string,
): Promise<void> {
  await db
    .insertInto('exports')
    .values({
      export_id: exportId,
      table_name: table,
      request: JSON.stringify(request),
      active_key: activeKey,
      status: 'queued',
      rows_done: 0,
      claims: 0,
      created_at: now,
    })
    .execute();
}

export async function findExport(db: Kysely<Schema>, exportId: string): Promise<StoredExport | undefined> {
  const row = await db.selectFrom('exports').selectAll().where('export_id', '=', exportId).executeTakeFirst();
  return row && toStored(row);
}

export async function findActiveExport(db: Kysely<Schema>, activeKey: string): Promise<StoredExport | undefined> {
  const row = await db.selectFrom('exports').selectAll().where('active_key', '=', activeKey).executeTakeFirst();
  return row && toStored(row);
}

/** Newest first. */
export async function listExports(
  db: Kysely<Schema>,
  { table_name: table, limit, after }: Input<'listExports'>,
): Promise<Result<'listExports'>> {
  let query = db.selectFrom('exports').select(['created_at', 'export_id']);
  if (table !== undefined) query = query.where('table_name', '=', table);
  if (after !== undefined) {
    const { created_at: createdAt, export_id: exportId } = after;
    query = query
      .where('created_at', '<=', createdAt)
      .where((eb) => eb.or([eb('created_at', '<', createdAt), eb('export_id', '<', exportId)]));
  }
  const keys = await query
    .orderBy('created_at', 'desc')
    .orderBy('export_id', 'desc')
    .limit(limit + 1)
    .execute();
  const { page, next } = await readByKeys(keys, limit, (key) => key.export_id, {
    read: (ids) => findExports(db, ids),
    nameOf: (row) => row.export_id,
    // A row has a few KB at most, so a page of 100 always fits.
    bytesOf: () => 0,
  });
  return { items: page.map(toStored), next };
}

/** The keys of exports created up to this time, after a position, oldest first. */
export function listKeysUntil(
  db: Kysely<Schema>,
  at: string,
  { created_at: createdAt, export_id: exportId }: ExportKey,
  limit: number,
): Promise<ExportKey[]> {
  return db
    .selectFrom('exports')
    .select(['created_at', 'export_id'])
    .where('created_at', '<=', at)
    .where('created_at', '>=', createdAt)
    .where((eb) => eb.or([eb('created_at', '>', createdAt), eb('export_id', '>', exportId)]))
    .orderBy('created_at')
    .orderBy('export_id')
    .limit(limit)
    .execute();
}

/** The exports with these ids, in any order. */
export function findExports(db: Kysely<Schema>, ids: readonly string[]): Promise<ExportsTable[]> {
  return db.selectFrom('exports').selectAll().where('export_id', 'in', ids).execute();
}

/** The table of a queued export that was never claimed: it has no bound yet. */
export async function findTableToBound(db: Kysely<Schema>, exportId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('exports')
    .select('table_name')
    .where('export_id', '=', exportId)
    .where('status', '=', 'queued')
    .where('bound', 'is', null)
    .executeTakeFirst();
  return row?.table_name;
}

/** An export, locked until the transaction ends. */
export function lockExport(trx: Transaction<Schema>, exportId: string): Promise<ExportsTable | undefined> {
  return trx.selectFrom('exports').selectAll().where('export_id', '=', exportId).forUpdate().executeTakeFirst();
}

export async function updateExport(
  db: Kysely<Schema>,
  exportId: string,
  changes: Partial<Omit<ExportsTable, 'export_id'>>,
): Promise<void> {
  await db.updateTable('exports').set(changes).where('export_id', '=', exportId).execute();
}

/** Changes an export if this holder still runs it. Returns whether the holder does. */
export async function updateHeldExport(
  db: Kysely<Schema>,
  exportId: string,
  holder: string,
  changes: Partial<Omit<ExportsTable, 'export_id'>>,
): Promise<boolean> {
  // Both databases count the matched rows, even those that do not change.
  const { numUpdatedRows } = await db
    .updateTable('exports')
    .set(changes)
    .where('export_id', '=', exportId)
    .where('holder', '=', holder)
    .where('status', '=', 'running')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function findStalledExports(db: Kysely<Schema>, queuedBefore: string, now: string): Promise<string[]> {
  const rows = await db
    .selectFrom('exports')
    .select('export_id')
    .where((eb) =>
      eb.or([
        eb.and([eb('status', '=', 'queued'), eb('created_at', '<', queuedBefore)]),
        eb.and([eb('status', '=', 'running'), eb('held_until', '<', now)]),
      ]),
    )
    .orderBy('created_at')
    .limit(100)
    .execute();
  return rows.map((row) => row.export_id);
}

/** Copies the members one by one, because a row may have columns that only a later release knows. */
export function toStored(row: ExportsTable): StoredExport {
  return {
    export_id: row.export_id,
    table_name: row.table_name,
    request: JSON.parse(row.request),
    status: row.status,
    rows_total: row.rows_total,
    rows_done: row.rows_done,
    csv: row.csv === null ? null : JSON.parse(row.csv),
    ndjson: row.ndjson === null ? null : JSON.parse(row.ndjson),
    zip: row.zip === null ? null : JSON.parse(row.zip),
    sheet: row.sheet === null ? null : JSON.parse(row.sheet),
    error: row.error,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
  };
}
