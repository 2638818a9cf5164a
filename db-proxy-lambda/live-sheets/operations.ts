import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { recordEvent } from '../audit/queries.ts';
import { PAGE_BYTES, type Input, type Result } from '../contract.ts';
import type { Schema } from '../database/schema.ts';
import { inTransaction } from '../database/transactions.ts';
import { findResponseTable } from '../forms/form-table.ts';
import { findLastVersion } from '../forms/queries.ts';
import { deleteLease, holdLease, lockLease, secondsFromNow } from '../leases/queries.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import { queueSheetEvent } from '../webhooks/queue-deliveries.ts';
import { liveSheetLease, MAX_LIVE_CHANGES, type liveSheetOperations } from './contract.ts';
import * as queries from './queries.ts';
import type { LiveSheetsTable } from './rows.ts';
import { nextRepair, nextTry } from './schedule.ts';

/** Bytes of a row in a reply besides its answers: an empty cell is `null,`. */
const CELL_BYTES = 5;

export const liveSheetHandlers: OperationHandlers<typeof liveSheetOperations> = {
  putLiveSheet: (database, input) => inTransaction(database, (trx) => putLiveSheet(trx, input)),

  getLiveSheet: async ({ db }, { form_id: formId }) => ({ sheet: (await queries.findLiveSheet(db, formId)) ?? null }),

  listLiveSheets: async ({ db }) => ({ sheets: await queries.findLiveSheets(db) }),

  deleteLiveSheet: (database, { form_id: formId, by }) =>
    inTransaction(database, async (trx) => {
      if (!(await queries.deleteLiveSheet(trx, formId))) return { outcome: 'unknown' };
      const at = new Date().toISOString();
      await recordEvent(trx, by, { at, action: 'live_sheet_ended', subject_id: formId, detail: null });
      return { outcome: 'deleted' };
    }),

  listDueLiveSheets: async ({ db }, { now }) => ({ form_ids: await queries.findDueForms(db, now) }),

  claimLiveSheet: (database, input) => inTransaction(database, (trx) => claimLiveSheet(trx, input)),

  readLiveRows: async ({ db }, { form_id: formId, form_version: version, response_ids: ids }) => {
    const table = await findResponseTable(db, formId, version);
    if (table === undefined) return { next: null, rows: [] };
    const states = await queries.findStates(db, formId, ids);
    const byId = new Map(states.map((state) => [state.response_id, state]));
    const rows = [];
    let bytes = 0;
    for (const id of ids) {
      const state = byId.get(id);
      if (state === undefined) continue;
      bytes += Buffer.byteLength(state.response) + Buffer.byteLength(state.flags) + table.columns.length * CELL_BYTES;
      if (bytes > PAGE_BYTES && rows.length > 0) return { next: id, rows };
      rows.push(table.toRow(state));
    }
    return { next: null, rows };
  },

  reportLiveSheet: (database, { form_id: formId, holder, choice_id: choiceId, now, outcome }) =>
    inTransaction(database, async (trx) => {
      const sheet = await queries.lockLiveSheet(trx, formId);
      const lease = await lockLease(trx, liveSheetLease(formId));
      if (sheet?.choice_id !== choiceId || lease?.holder !== holder) return { held: false };
      const hasChanged = await changeSheet(trx, sheet, changesBy(outcome, sheet, now), now);
      if (outcome.kind === 'failed') await deleteLease(trx, liveSheetLease(formId), holder);
      return { held: true, ...(hasChanged && { changed: true as const }) };
    }),
};

async function putLiveSheet(
  trx: Transaction<Schema>,
  { form_id: formId, spreadsheet_id: spreadsheetId, tab, by }: Input<'putLiveSheet'>,
): Promise<Result<'putLiveSheet'>> {
  if ((await findLastVersion(trx, formId, undefined)) === undefined) return { outcome: 'unknown_form' };
  const before = await queries.lockLiveSheet(trx, formId);
  const isSameTab = (title: string) => title.toLowerCase() === tab.toLowerCase();
  const sheets = await queries.findSheetsOf(trx, spreadsheetId);
  const owner = sheets.find((each) => each.form_id !== formId && isSameTab(each.tab));
  if (owner !== undefined) return { outcome: 'taken', form_id: owner.form_id };

  const now = new Date().toISOString();
  const isSame = before !== undefined && before.spreadsheet_id === spreadsheetId && isSameTab(before.tab);
  if (isSame) await queries.updateLiveSheet(trx, formId, { next_try_at: null });
  else {
    const row: LiveSheetsTable = {
      form_id: formId,
      spreadsheet_id: spreadsheetId,
      tab,
      sheet_id: null,
      headers: '{}',
      choice_id: randomUUID(),
      created_at: now,
      in_step_at: null,
      repaired_at: null,
      repair_at: now,
      error: null,
      // Webhooks got `sheet_broken`, so `sheet_mended` follows once the other tab is written.
      failed_since: before?.failed_since ?? null,
      failures: 0,
      next_try_at: null,
    };
    if (before === undefined) await queries.insertLiveSheet(trx, row);
    else await queries.updateLiveSheet(trx, formId, row);
    // The first comparison writes every row.
    await queries.deleteChangesOf(trx, formId);
    await recordEvent(trx, by, {
      at: now,
      action: 'live_sheet_changed',
      subject_id: formId,
      detail: `${spreadsheetId} ${tab}`,
    });
  }
  const sheet = await queries.findLiveSheet(trx, formId);
  if (sheet === undefined) return { outcome: 'unknown_form' };
  const outcome = isSame ? 'unchanged' : 'updated';
  return { outcome: before === undefined ? 'created' : outcome, sheet };
}

/** Locks the lease before it reads the changes. A change that is committed after the reading finds the lease released. */
async function claimLiveSheet(
  trx: Transaction<Schema>,
  { form_id: formId, holder, lease_seconds: seconds, now, done }: Input<'claimLiveSheet'>,
): Promise<Result<'claimLiveSheet'>> {
  const name = liveSheetLease(formId);
  if (!(await holdLease(trx, { name, holder, heldUntil: secondsFromNow(seconds) }))) return { claim: 'held' };
  await queries.deleteChanges(trx, done);
  const sheet = await queries.lockLiveSheet(trx, formId);
  const table = sheet && (await findResponseTable(trx, formId, undefined));
  const changes = sheet === undefined ? [] : await queries.findChanges(trx, formId, MAX_LIVE_CHANGES);
  const isWaiting = (sheet?.next_try_at ?? '') > now;
  const repair = sheet !== undefined && sheet.repair_at <= now;
  if (sheet === undefined || table === undefined || isWaiting || (changes.length === 0 && !repair)) {
    await deleteLease(trx, name, holder);
    // The form was deleted, so it has no responses.
    if (table === undefined) await queries.deleteLiveSheet(trx, formId);
    else if (sheet !== undefined && !isWaiting) await changeSheet(trx, sheet, { in_step_at: now, ...MENDED }, now);
    return { claim: 'idle' };
  }
  const others = (await queries.findSheetsOf(trx, sheet.spreadsheet_id)).filter((each) => each.form_id !== formId);
  return {
    claim: 'granted',
    choice_id: sheet.choice_id,
    spreadsheet_id: sheet.spreadsheet_id,
    tab: sheet.tab,
    sheet_id: sheet.sheet_id,
    headers: JSON.parse(sheet.headers),
    taken: others.flatMap((each) => each.sheet_id ?? []),
    repair,
    form_version: table.version,
    columns: table.columns,
    changes,
  };
}

/**
 * Changes a sheet, and queues an event for webhooks if it broke or was mended.
 *
 * @returns whether it did either
 */
async function changeSheet(
  trx: Transaction<Schema>,
  { form_id, spreadsheet_id, tab, failed_since: failedSince }: LiveSheetsTable,
  changes: Partial<LiveSheetsTable>,
  now: string,
): Promise<boolean> {
  await queries.updateLiveSheet(trx, form_id, changes);
  const { failed_since: since = failedSince, error = null } = changes;
  if ((since === null) === (failedSince === null)) return false;
  const type = since === null ? 'sheet_mended' : 'sheet_broken';
  await queueSheetEvent(trx, { type, form_id, sheet: { spreadsheet_id, tab, error } }, now);
  return true;
}

const MENDED = { error: null, failed_since: null, failures: 0, next_try_at: null };

function changesBy(
  outcome: Input<'reportLiveSheet'>['outcome'],
  { failed_since: failedSince, failures }: LiveSheetsTable,
  now: string,
): Partial<LiveSheetsTable> {
  switch (outcome.kind) {
    case 'found':
      return { sheet_id: outcome.sheet_id, headers: JSON.stringify(outcome.headers) };
    case 'repaired':
      return { repaired_at: now, repair_at: nextRepair(now), ...MENDED };
    case 'repair':
      return { repair_at: now };
    case 'failed':
      // Compares the whole sheet afterwards: the person who mends it may also change its rows.
      return {
        error: outcome.error,
        failed_since: failedSince ?? now,
        failures: failures + 1,
        next_try_at: nextTry(now, failures + 1),
        repair_at: now,
      };
  }
}
