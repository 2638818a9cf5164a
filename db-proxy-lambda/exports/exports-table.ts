import type { ExportBound } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import { findExports, listKeysUntil } from './queries.ts';
import type { ExportsTable } from './rows.ts';
import { countUntil } from './table-queries.ts';
import { matches, systemTable } from './table.ts';

const ROWS_PER_PAGE = 1_000;

/** The exports, oldest first, each as it was at the bound: a running export changes every few seconds. */
export const exportsTable = systemTable<ExportState>(
  {
    name: 'exports',
    title: 'Exports',
    written: { table: 'exports', timeColumn: 'created_at', index: 'exports_by_time' },
    columns: [
      ['export_id', 'text', (row) => row.export_id],
      ['table_name', 'text', (row) => row.table_name],
      ['status', 'text', (row) => row.status],
      ['rows', 'number', (row) => row.rows_done],
      ['created_at', 'time', (row) => row.created_at],
      ['started_at', 'time', (row) => row.started_at],
      ['finished_at', 'time', (row) => row.finished_at],
      ['error', 'text', (row) => row.error],
    ],
  },
  (toCells) => ({
    count: ({ db }, bound) => countUntil(db, 'exports', 'created_at', bound.at),
    page: async ({ db }, bound, filter, after) => {
      const [createdAt = '', exportId = ''] = after?.split(' ') ?? [];
      const position = { created_at: createdAt, export_id: exportId };
      const keys = await listKeysUntil(db, bound.at, position, ROWS_PER_PAGE + 1);
      const { page, next } = await readByKeys(keys, ROWS_PER_PAGE, (key) => key.export_id, {
        read: (ids) => findExports(db, ids),
        nameOf: (row) => row.export_id,
        bytesOf: (row) => Buffer.byteLength(row.error ?? ''),
      });
      const rows = page
        .map((row) => stateAt(row, bound))
        .filter((row) => matches({ saved_at: row.finished_at ?? row.started_at ?? row.created_at }, filter))
        .map(toCells);
      return { rows, next: next && `${next.created_at} ${next.export_id}` };
    },
  }),
);

type ExportState = Pick<
  ExportsTable,
  'export_id' | 'table_name' | 'status' | 'created_at' | 'started_at' | 'finished_at' | 'error'
> & { rows_done: number | null };

function stateAt(row: ExportState, { at }: ExportBound): ExportState {
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
