import type { Cell, ExportBound } from '../contract.ts';
import { findExports } from './queries.ts';
import { readByKeys } from '../database/pages.ts';
import type { ExportsTable } from './rows.ts';
import { EXPORT_PAGE_BYTES, type Table } from './table.ts';

const ROWS_A_PAGE = 1_000;

/** The exports themselves, oldest first, each as it stood at the bound: what runs now changes by the second. */
export const exportsTable: Table = {
  name: 'exports',
  kind: 'system',
  spreadsheetId: null,
  title: 'Exports',
  columns: [
    { name: 'export_id', type: 'text' },
    { name: 'table_name', type: 'text' },
    { name: 'status', type: 'text' },
    { name: 'rows', type: 'number' },
    { name: 'created_at', type: 'time' },
    { name: 'started_at', type: 'time' },
    { name: 'finished_at', type: 'time' },
    { name: 'error', type: 'text' },
  ],
  count: async ({ db }, bound) => {
    const { count } = await db
      .selectFrom('exports')
      .select((is) => is.fn.countAll().as('count'))
      .where('created_at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    return Number(count);
  },
  page: async ({ db }, bound, { status, updated_since: since }, after) => {
    let query = db.selectFrom('exports').select(['created_at', 'export_id']).where('created_at', '<=', bound.at);
    if (after !== null) {
      const [createdAt = '', exportId = ''] = after.split(' ');
      query = query
        .where('created_at', '>=', createdAt)
        .where((is) => is.or([is('created_at', '>', createdAt), is('export_id', '>', exportId)]));
    }
    const keys = await query
      .orderBy('created_at')
      .orderBy('export_id')
      .limit(ROWS_A_PAGE + 1)
      .execute();
    const {
      page: exports,
      last,
      more,
    } = await readByKeys(keys, ROWS_A_PAGE, {
      read: (some) => findExports(db, some),
      nameOf: (row) => row.export_id,
      bytesOf: (row) => Buffer.byteLength(row.error ?? ''),
      most: EXPORT_PAGE_BYTES,
    });
    const rows = exports
      .map((row) => standing(row, bound))
      // The statuses that requests can ask for are those of responses; no export has one.
      .filter((row) => status === undefined && (since === undefined || lastChange(row) >= since))
      .map((row): Cell[] => [
        row.export_id,
        row.table_name,
        row.status,
        row.rows_done,
        row.created_at,
        row.started_at,
        row.finished_at,
        row.error,
      ]);
    return { rows, next: more && last ? `${last.created_at} ${last.export_id}` : null };
  },
};

type Row = Pick<
  ExportsTable,
  'export_id' | 'table_name' | 'status' | 'created_at' | 'started_at' | 'finished_at' | 'error'
> & { rows_done: number | null };

function standing(row: Row, { at }: ExportBound): Row {
  if (row.finished_at !== null && row.finished_at <= at) return row;
  const hasStarted = row.started_at !== null && row.started_at <= at;
  return {
    ...row,
    status: hasStarted ? 'running' : 'queued',
    rows_done: null,
    started_at: hasStarted ? row.started_at : null,
    finished_at: null,
    error: null,
  };
}

function lastChange({ created_at: created, started_at: started, finished_at: finished }: Row): string {
  return finished ?? started ?? created;
}
