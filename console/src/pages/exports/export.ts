/** The progress and the links of an export, and the options of new ones. */
import type { components } from '../../../shared/openapi.d.ts';
import { spreadsheetIdIn } from '../forms/spreadsheet.ts';

export type Export = components['schemas']['Export'];
export type Table = components['schemas']['TableList']['items'][number];
export type ExportRequest = components['schemas']['ExportRequest'];
export type ExportStatus = NonNullable<NonNullable<ExportRequest['filter']>['status']>;

export const isUnderWay = ({ status }: Export): boolean => status === 'queued' || status === 'running';

export interface Progress {
  /** Rows a second, on average since the start. */
  speed: number;
  /** The time for the remaining rows at this speed; undefined while the number of rows is unknown. */
  secondsLeft: number | undefined;
}

/** @param now in milliseconds since 1970. @returns undefined before the first rows */
export function progressOf({ rows_done: done, rows_total: total, started_at: start }: Export, now: number) {
  const seconds = start === null ? 0 : (now - Date.parse(start)) / 1000;
  if (done === 0 || seconds <= 0) return undefined;
  const speed = done / seconds;
  return { speed, secondsLeft: total === null ? undefined : Math.max(0, total - done) / speed } satisfies Progress;
}

/** When a link to a file stops working, as the link itself says; undefined if it does not say. */
export function expiryOf(url: string): string | undefined {
  const { searchParams } = new URL(url);
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? [];
  const seconds = Number(searchParams.get('X-Amz-Expires') ?? Number.NaN);
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(signed + seconds) ? undefined : new Date(signed + seconds * 1000).toISOString();
}

/** What a person chose for the next exports. */
export interface Options {
  csv: boolean;
  sheet: boolean;
  ndjson: boolean;
  zip: boolean;
  names: boolean;
  bom: boolean;
  optionColumns: boolean;
  spreadsheet: string;
  status: ExportStatus | '';
  /** The value of an input of the type `datetime-local`, in the reader's zone. */
  updatedSince: string;
}

export const usualOptions = (): Options => ({
  csv: true,
  sheet: true,
  ndjson: false,
  zip: false,
  names: false,
  bom: false,
  optionColumns: false,
  spreadsheet: '',
  status: '',
  updatedSince: '',
});

/** A table's request. Only tables of forms have attachments, so `zip` applies only to them. */
export function requestOf(table: Table, options: Options): ExportRequest {
  const { csv, sheet, ndjson, zip, status, updatedSince, spreadsheet } = options;
  return {
    table_name: table.name,
    format: { csv, sheet, ndjson, zip: zip && table.kind === 'form' },
    headers: options.names ? 'names' : 'labels',
    bom: options.bom && csv,
    option_columns: options.optionColumns,
    ...(spreadsheet.trim() !== '' && { spreadsheet_id: spreadsheetIdIn(spreadsheet) }),
    filter: {
      ...(status !== '' && { status }),
      ...(updatedSince !== '' && { updated_since: new Date(updatedSince).toISOString() }),
    },
  };
}
