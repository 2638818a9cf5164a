/** Parses a CSV file of tasks and checks every cell, before anything is stored. Pure. */
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { MAX_UPLOAD_ROWS, type UploadRow } from '../../db-proxy-lambda/contract.ts';
import { pointerTo, type Fault } from '../../forms/values/fault.ts';
import { Problem } from '../shared/problem.ts';
import { day, description, email, name } from './fields.ts';

/** The first line must be exactly this. */
export const HEADER = ['task_owner', 'email', 'company_name', 'task_date', 'task_description', 'task_status'] as const;

/**
 * One call of the proxy carries the whole file, so that it is stored atomically; Lambda's limit is 6 MB. In JSON a file
 * may be larger than in CSV (a backslash becomes two).
 */
const MAX_ROWS_BYTES = 6_000_000;

const row = z.tuple([name, email, name, day, description, name]);

/** `line` and `column` count from 1; the header is line 1. A record over several lines has the number of the first. */
export type FileFault = Fault & { readonly line?: number; readonly column?: number };

/** One record of the file and the line on which it starts. */
interface FileRecord {
  line: number;
  cells: string[];
}

/**
 * Parses a file: UTF-8 with or without a byte order mark, lines that end in LF, CRLF or CR. Blank lines are skipped.
 *
 * @throws {Problem} 400 `not-csv` if it is not UTF-8 text or not CSV, 422 `invalid-file` with the line and column of
 * each fault, 413 if it is too large for one call of the proxy
 */
export function readTaskCsv(file: Uint8Array): UploadRow[] {
  const [header = { line: 1, cells: [] }, ...records] = readRecords(decode(file));
  checkHeader(header);
  const surplus = records[MAX_UPLOAD_ROWS];
  if (surplus !== undefined) {
    const detail = `A file may have at most ${MAX_UPLOAD_ROWS} tasks; send the rest in another file.`;
    throw invalidFile([{ pointer: '/file', line: surplus.line, column: 1, detail }]);
  }
  const rows = readRows(records);
  if (Buffer.byteLength(JSON.stringify(rows)) > MAX_ROWS_BYTES) {
    throw new Problem('too-large', { detail: 'The file is too large. Split it into several files.' });
  }
  return rows;
}

function decode(file: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file);
    if (!text.includes('\0')) return text.replaceAll(/\r\n?/g, '\n');
  } catch {
    // Refused below.
  }
  const detail = 'The file is not text in UTF-8. Save it as CSV in UTF-8.';
  throw new Problem('not-csv', { errors: [{ pointer: '/file', detail }] });
}

function readRecords(text: string): FileRecord[] {
  const options = { info: true, relax_column_count: true, skip_empty_lines: true, record_delimiter: '\n' } as const;
  try {
    // With `info`, each record comes with the line on which it ends. The library's types leave that out.
    const parsed: unknown = parse(text, { ...options, to: MAX_UPLOAD_ROWS + 2 });
    return recordsWithInfo.parse(parsed).map(({ record, info }) => {
      const lineBreaks = record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
      return { line: info.lines - lineBreaks, cells: record };
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Problem('not-csv', { errors: [syntaxFault(error)] });
  }
}

const recordsWithInfo = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));

const SYNTAX: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'A cell that starts with a quote must end with one; the file ends before it does.',
  INVALID_OPENING_QUOTE: 'Put the whole cell in quotes, and double each quote inside it.',
  CSV_INVALID_CLOSING_QUOTE: 'Put a comma or the end of the line after the quote that ends a cell.',
};

function syntaxFault(error: CsvError): FileFault {
  const { lines, column, code } = error;
  return {
    pointer: '/file',
    ...(typeof lines === 'number' && { line: lines }),
    ...(typeof column === 'number' && { column: column + 1 }),
    detail: SYNTAX[code] ?? 'This cannot be read as CSV.',
  };
}

function checkHeader({ line, cells }: FileRecord): void {
  const length = Math.max(HEADER.length, cells.length);
  const column = Array.from({ length }).findIndex((_, index) => cells[index] !== HEADER[index]);
  if (column === -1) return;
  const detail = `The first line must be exactly ${HEADER.join(',')}.`;
  throw invalidFile([{ pointer: '/file', line, column: column + 1, detail }]);
}

function readRows(records: readonly FileRecord[]): UploadRow[] {
  const errors: FileFault[] = [];
  const rows = records.flatMap(({ line, cells }, index): UploadRow[] => {
    const read = row.safeParse(cells);
    if (read.success) return [read.data];
    const addFault = (column: number, detail: string) =>
      errors.push({ pointer: pointerTo('file', index, HEADER[column] ?? ''), line, column: column + 1, detail });
    if (cells.length === HEADER.length) {
      for (const { path, message } of read.error.issues) {
        const column = Number(path[0]);
        addFault(column, `${HEADER[column]}: ${message}`);
      }
    } else {
      const detail = `This line has ${cells.length} cells; it must have ${HEADER.length}. Put a cell with a comma in quotes.`;
      addFault(Math.min(cells.length, HEADER.length), detail);
    }
    return [];
  });
  if (errors.length > 0) throw invalidFile(errors);
  return rows;
}

function invalidFile(errors: FileFault[]): Problem {
  return new Problem('invalid-file', { errors });
}
