import type { StoredExport } from '../contract.ts';

/** One row per export. JSON columns hold the contract's shapes. */
export interface ExportsTable extends Omit<StoredExport, 'request' | 'csv' | 'ndjson' | 'zip' | 'sheet'> {
  request: string;
  csv: string | null;
  ndjson: string | null;
  zip: string | null;
  sheet: string | null;
  /** Hash of the request while the export is queued or running, then null. */
  active_key: string | null;
  /** The bound; null before the first claim. */
  bound: string | null;
  holder: string | null;
  held_until: string | null;
  claims: number;
}

export interface ExportTables {
  exports: ExportsTable;
}
