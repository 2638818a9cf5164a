import type { Cell, Column, Result } from '../../db-proxy-lambda/contract.ts';
import { MAX_CELL_CHARACTERS, toSheetRow } from '../shared/google/cells.ts';
import type { SheetCell } from '../shared/google/google-client.ts';
import { withHeaders } from '../shared/google/headers.ts';

/** A claimed sheet, and the table that it shows. */
export interface Target {
  formId: string;
  formVersion: number;
  choiceId: string;
  spreadsheetId: string;
  tab: string;
  sheetId: number | null;
  /** The `sheetId` of each tab that is the live sheet of another form. */
  taken: readonly number[];
  /** The columns as they are headed in the sheet. The first one is `response_id`. */
  columns: readonly Column[];
  /** The names of the columns, which new labels do not change. */
  keys: readonly string[];
  /** The headers that the columns had, by the columns' names. */
  known: Readonly<Record<string, string>>;
}

type Granted = Extract<Result<'claimLiveSheet'>, { claim: 'granted' }>;

export function targetOf(formId: string, granted: Granted): Target {
  const { columns } = withHeaders(
    { name: formId, kind: 'form', title: formId, columns: granted.columns, rows: null, spreadsheet_id: null },
    {},
  );
  return {
    formId,
    formVersion: granted.form_version,
    choiceId: granted.choice_id,
    spreadsheetId: granted.spreadsheet_id,
    tab: granted.tab,
    sheetId: granted.sheet_id,
    taken: granted.taken ?? [],
    columns,
    keys: granted.columns.map(({ name }) => name),
    known: granted.headers,
  };
}

/** A response's row as the sheet shows it. */
export interface LiveRow {
  id: string;
  cells: readonly SheetCell[];
}

/** Converts a row of the table. Google refuses longer cells, so these are cut. */
export function toLiveRow({ columns }: Target, row: readonly Cell[]): LiveRow {
  const cells = toSheetRow(columns, row).map((cell) =>
    typeof cell === 'string' && cell.length > MAX_CELL_CHARACTERS ? shorten(cell) : cell,
  );
  return { id: String(row[0]), cells };
}

function shorten(text: string): string {
  const note = ` … (${text.length} characters; the rest is in the export)`;
  return text.slice(0, MAX_CELL_CHARACTERS - note.length) + note;
}
