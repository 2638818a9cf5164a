/** One row an export. JSON columns hold the contract's shapes. */
export interface ExportsTable {
  export_id: string;
  table_name: string;
  request: string;
  active_key: string | null;
  status: 'queued' | 'running' | 'succeeded' | 'failed';
  rows_total: number | null;
  rows_done: number;
  bound: string | null;
  csv: string | null;
  sheet: string | null;
  error: string | null;
  holder: string | null;
  held_until: string | null;
  claims: number;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export interface ExportTables {
  exports: ExportsTable;
}
