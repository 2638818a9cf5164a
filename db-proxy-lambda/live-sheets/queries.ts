import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Schema } from '../database/schema.ts';
import { stateColumns, type StoredState } from '../responses/queries.ts';
import type { LiveSheet } from './contract.ts';
import type { LiveSheetChangesTable, LiveSheetsTable } from './rows.ts';

/** A live sheet, locked until the transaction ends. */
export function lockLiveSheet(trx: Transaction<Schema>, formId: string): Promise<LiveSheetsTable | undefined> {
  return trx.selectFrom('live_sheets').selectAll().where('form_id', '=', formId).forUpdate().executeTakeFirst();
}

export async function findLiveSheet(db: Kysely<Schema>, formId: string): Promise<LiveSheet | undefined> {
  const [sheet] = await findLiveSheets(db, formId);
  return sheet;
}

/** The live sheets of all forms, or of one, sorted by form. */
export async function findLiveSheets(db: Kysely<Schema>, formId?: string): Promise<LiveSheet[]> {
  const rows = await db
    .selectFrom('live_sheets')
    .selectAll()
    .$if(formId !== undefined, (query) => query.where('form_id', '=', formId ?? ''))
    .orderBy('form_id')
    .execute();
  const waiting = await db
    .selectFrom('live_sheet_changes')
    .select((eb) => ['form_id', eb.fn.count('response_id').distinct().as('behind')])
    .$if(formId !== undefined, (query) => query.where('form_id', '=', formId ?? ''))
    .groupBy('form_id')
    .execute();
  const unwritten = rows.filter((row) => row.in_step_at === null).map((row) => row.form_id);
  const counts = [...waiting, ...(await countResponses(db, unwritten))];
  const behind = new Map(counts.map((row) => [row.form_id, Number(row.behind)]));
  return rows.map((row) => ({
    form_id: row.form_id,
    spreadsheet_id: row.spreadsheet_id,
    tab: row.tab,
    behind: behind.get(row.form_id) ?? 0,
    in_step_at: row.in_step_at,
    repaired_at: row.repaired_at,
    repair_at: row.repair_at,
    error: row.error,
    failed_since: row.error === null ? null : row.failed_since,
    next_try_at: row.next_try_at,
    created_at: row.created_at,
    sheet_id: row.sheet_id,
  }));
}

/** The numbers of responses of forms whose sheets were never written as a whole. */
async function countResponses(db: Kysely<Schema>, formIds: readonly string[]) {
  if (formIds.length === 0) return [];
  return await db
    .selectFrom('responses')
    .select((eb) => ['form_id', eb.fn.countAll().as('behind')])
    .where('form_id', 'in', formIds)
    .where('status', '!=', 'erased')
    .groupBy('form_id')
    .execute();
}

/** The live sheets of a spreadsheet, by form and title. */
export function findSheetsOf(
  db: Kysely<Schema>,
  spreadsheetId: string,
): Promise<Pick<LiveSheetsTable, 'form_id' | 'tab' | 'sheet_id'>[]> {
  return db
    .selectFrom('live_sheets')
    .select(['form_id', 'tab', 'sheet_id'])
    .where('spreadsheet_id', '=', spreadsheetId)
    .orderBy('form_id')
    .execute();
}

/** @throws the driver's duplicate-key error when another transaction inserted a sheet for the form first */
export async function insertLiveSheet(trx: Transaction<Schema>, row: LiveSheetsTable): Promise<void> {
  await trx.insertInto('live_sheets').values(row).execute();
}

export async function updateLiveSheet(
  trx: Transaction<Schema>,
  formId: string,
  changes: Partial<LiveSheetsTable>,
): Promise<void> {
  await trx.updateTable('live_sheets').set(changes).where('form_id', '=', formId).execute();
}

/** Deletes a live sheet and its changes. @returns whether there was one */
export async function deleteLiveSheet(trx: Transaction<Schema>, formId: string): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom('live_sheets').where('form_id', '=', formId).executeTakeFirst();
  await deleteChangesOf(trx, formId);
  return numDeletedRows > 0n;
}

export async function deleteChangesOf(trx: Transaction<Schema>, formId: string): Promise<void> {
  await trx.deleteFrom('live_sheet_changes').where('form_id', '=', formId).execute();
}

/** Which of these forms have a live sheet. */
export async function findFormsWithSheet(trx: Transaction<Schema>, formIds: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const some of inChunks(formIds, IDS_PER_LOOKUP)) {
    const rows = await trx.selectFrom('live_sheets').select('form_id').where('form_id', 'in', some).execute();
    for (const { form_id: id } of rows) found.add(id);
  }
  return found;
}

export async function insertChanges(
  trx: Transaction<Schema>,
  changes: readonly Insertable<LiveSheetChangesTable>[],
): Promise<void> {
  for (const some of inChunks(changes, ROWS_PER_STATEMENT)) {
    await trx.insertInto('live_sheet_changes').values(some).execute();
  }
}

/** The oldest changes of a form. */
export function findChanges(
  db: Kysely<Schema>,
  formId: string,
  limit: number,
): Promise<Pick<Selectable<LiveSheetChangesTable>, 'id' | 'response_id'>[]> {
  return db
    .selectFrom('live_sheet_changes')
    .select(['id', 'response_id'])
    .where('form_id', '=', formId)
    .orderBy('id')
    .limit(limit)
    .execute();
}

export async function deleteChanges(trx: Transaction<Schema>, ids: readonly number[]): Promise<void> {
  for (const some of inChunks(ids, IDS_PER_LOOKUP)) {
    await trx.deleteFrom('live_sheet_changes').where('id', 'in', some).execute();
  }
}

/** The forms with changes, or whose repair is due, that are not waiting after a failure. */
export async function findDueForms(db: Kysely<Schema>, now: string): Promise<string[]> {
  const rows = await db
    .selectFrom('live_sheets')
    .select('form_id')
    .where((eb) => eb.or([eb('next_try_at', 'is', null), eb('next_try_at', '<=', now)]))
    .where((eb) =>
      eb.or([
        eb('repair_at', '<=', now),
        eb.exists(
          eb
            .selectFrom('live_sheet_changes')
            .select('live_sheet_changes.id')
            .whereRef('live_sheet_changes.form_id', '=', 'live_sheets.form_id'),
        ),
      ]),
    )
    .orderBy('form_id')
    .execute();
  return rows.map((row) => row.form_id);
}

/** The current states of responses of a form, in any order. */
export async function findStates(
  db: Kysely<Schema>,
  formId: string,
  responseIds: readonly string[],
): Promise<(StoredState & { id: number })[]> {
  const states: (StoredState & { id: number })[] = [];
  for (const some of inChunks(responseIds, IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('responses')
      .select(['id', ...stateColumns, 'updated_at as saved_at'])
      .where('response_id', 'in', some)
      .where('form_id', '=', formId)
      .execute();
    states.push(...rows);
  }
  return states;
}
