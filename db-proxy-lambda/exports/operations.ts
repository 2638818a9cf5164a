import { secondsFromNow } from '../leases/queries.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import { currentBound } from './bound-queries.ts';
import { claimExport } from './claim-export.ts';
import type { exportOperations } from './contract.ts';
import { findTable, findTables, namesInstead } from './find-table.ts';
import * as queries from './queries.ts';
import { requestExport } from './request-export.ts';

export const exportHandlers: OperationHandlers<typeof exportOperations> = {
  listTables: async (database, { count_rows: countRows }) => {
    const bound = await currentBound(database.db, 0);
    const tables = [];
    for (const table of await findTables(database.db)) {
      const { name, kind, title, columns, spreadsheetId } = table;
      const rows = countRows ? await table.count(database, bound, {}) : null;
      tables.push({ name, kind, title, columns: [...columns], rows, spreadsheet_id: spreadsheetId });
    }
    return { tables };
  },

  findTable: async ({ db }, { table_name: name }) => {
    const table = await findTable(db, name);
    if (table === undefined) return { outcome: 'unknown', names: await namesInstead(db, name) };
    return { outcome: 'found', table: { name, spreadsheet_id: table.spreadsheetId } };
  },

  requestExport,

  getExport: async ({ db }, { export_id: exportId }) => ({
    export: (await queries.findExport(db, exportId)) ?? null,
  }),

  listExports: ({ db }, input) => queries.listExports(db, input),

  claimExport,

  readTable: async (database, { table_name: name, bound, filter, option_columns: withOptions, after }) => {
    const table = await findTable(database.db, name, bound.form_version, withOptions);
    if (table === undefined) return { next: null, rows: [] };
    const { rows, next } = await table.page(database, bound, filter, after);
    // `next` comes first, so that a reader can request the next page before it has parsed the rows.
    return { next, rows };
  },

  reportExport: async ({ db }, { export_id: exportId, holder, lease_seconds: leaseSeconds, rows_done: rowsDone }) => ({
    held: await queries.updateHeldExport(db, exportId, holder, {
      rows_done: rowsDone,
      held_until: secondsFromNow(leaseSeconds),
    }),
  }),

  /** Ends an export that this holder still runs. For a retry `held` is false, because the export has ended. */
  finishExport: async (
    { db },
    { export_id: exportId, holder, status, csv, ndjson = null, zip = null, sheet, error },
  ) => {
    const written = csv ?? ndjson ?? sheet ?? zip;
    const held = await queries.updateHeldExport(db, exportId, holder, {
      status,
      csv: csv && JSON.stringify(csv),
      ndjson: ndjson && JSON.stringify(ndjson),
      zip: zip && JSON.stringify(zip),
      sheet: sheet && JSON.stringify(sheet),
      error,
      active_key: null,
      finished_at: new Date().toISOString(),
      // Replaces the total that the claim estimated: some filters apply only after reading.
      ...(written !== null && { rows_done: written.rows, rows_total: written.rows }),
    });
    return { held };
  },

  listStalledExports: async ({ db }, { queued_before: queuedBefore }) => ({
    export_ids: await queries.findStalledExports(db, queuedBefore, new Date().toISOString()),
  }),
};
