/** Calls the Sheets API within its quotas, and retries transient failures. */
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js';
import * as z from 'zod';
import type { DbProxy } from '../db-proxy-client.ts';
import { retry, TransientError, type RetryPolicy } from '../retry.ts';
import type { Clock } from './clock.ts';
import type { GoogleAccount } from './google-auth.ts';
import { RefusedError, SheetError, SignInError } from './sheet-error.ts';

/** Maximum length of a message quoted from Google, which may repeat parts of the request. */
const MESSAGE_LENGTH = 500;
const TRANSIENT_STATUS = new Set([429, 500, 502, 503]);

/**
 * A burst of 30 requests, then one every 2.1 seconds: at most 59 in any minute. Google allows a user, here the service
 * account, 60 requests of each kind a minute (Sheets API, "Usage limits").
 */
const QUOTA = { interval_ms: 2_100, burst: 30 };

const TRIES = 8;
const FIRST_PAUSE_MS = 500;
/** Google asks for exponential backoff up to 32 or 64 seconds (Sheets API, "Usage limits"). */
const LONGEST_PAUSE_MS = 32_000;
/** If Google asks for a longer wait, the worker gives up, because its own time is limited. */
const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * Exponential backoff with full jitter; at least as long as Google asks for. Failures of the db-proxy are not retried here:
 * the export's message is delivered again.
 */
export const googleRetryPolicy = ({ random, wait }: Clock): RetryPolicy => ({
  tries: TRIES,
  isRepeatable: (error) => error instanceof TransientError,
  pauseMs: (attempt, retryAfterMs) => {
    if (retryAfterMs > LONGEST_RETRY_AFTER_MS) return undefined;
    return Math.max(Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS) * random(), retryAfterMs);
  },
  wait,
});

export interface Tab {
  sheetId: number;
  title: string;
  rows: number;
  columns: number;
  frozenRows: number;
}

export interface Spreadsheet {
  url: string;
  tabs: readonly Tab[];
}

/** How the sheet shows a number. */
export type NumberFormat = sheets_v4.Schema$NumberFormat;

/** All calls but `changeOnce` are idempotent: ranges are fixed, and a tab that exists already is not an error. */
export interface GoogleSheets {
  read: (spreadsheetId: string) => Promise<Spreadsheet>;
  /** The formats of a row's cells; undefined for a cell without one. @param range a part of one row */
  readFormats: (spreadsheetId: string, range: string) => Promise<(NumberFormat | undefined)[]>;
  /** The values of ranges: times as serial numbers, an empty cell as ''. A row ends with its last cell that is not empty. */
  readValues: (spreadsheetId: string, ranges: readonly string[]) => Promise<SheetValue[][][]>;
  /** Changes tabs atomically. */
  change: (spreadsheetId: string, requests: sheets_v4.Schema$Request[]) => Promise<void>;
  /**
   * Changes a tab by a request that is not idempotent, and therefore sends it once.
   *
   * @throws {TransientError} if it is unknown whether the change was made
   */
  changeOnce: (spreadsheetId: string, requests: sheets_v4.Schema$Request[]) => Promise<void>;
  /** Writes values as they are (RAW) at several fixed ranges. */
  writeRanges: (
    spreadsheetId: string,
    data: readonly { range: string; values: readonly (readonly SheetCell[])[] }[],
  ) => Promise<void>;
  /** Writes values as they are (RAW) at a fixed range. */
  write: (spreadsheetId: string, range: string, values: readonly (readonly SheetCell[])[]) => Promise<void>;
  clear: (spreadsheetId: string, ranges: string[]) => Promise<void>;
}

export type SheetCell = string | number;
/** A value that was read. A person may have put true or false into a cell. */
export type SheetValue = SheetCell | boolean;

/** @param keepClaim called before each request; throws if another worker has taken over the export or the live sheet */
export function createGoogleSheets(
  { client, email: account }: GoogleAccount,
  dbProxy: DbProxy,
  clock: Clock,
  keepClaim: () => Promise<void>,
): GoogleSheets {
  /** Waits for a permit. All workers share the account's quota, so the database grants the permits. */
  const awaitPermit = async (kind: 'read' | 'write'): Promise<void> => {
    const name = `google ${kind} ${account}`.slice(0, 255);
    const { wait_ms: wait } = await dbProxy.call('takeTurn', {
      name,
      now: new Date(clock.now()).toISOString(),
      ...QUOTA,
    });
    if (wait > 0) await clock.wait(wait);
  };
  const callOnce = async <T>(kind: 'read' | 'write', request: () => Promise<T>): Promise<T> => {
    await awaitPermit(kind);
    await keepClaim();
    try {
      return await request();
    } catch (error) {
      throw translate(error, account);
    }
  };
  const call = <T>(kind: 'read' | 'write', request: () => Promise<T>): Promise<T> =>
    retry(googleRetryPolicy(clock), () => callOnce(kind, request)).catch((error: unknown) => {
      if (!(error instanceof TransientError)) throw error;
      throw new SheetError(
        'Google Sheets did not accept the sheet after several tries. Request the export again later.',
        { cause: error },
      );
    });

  const writeRanges: GoogleSheets['writeRanges'] = async (spreadsheetId, ranges) => {
    const data = ranges.map(({ range, values }) => ({ range, values: values.map((row) => [...row]) }));
    const requestBody = { valueInputOption: 'RAW', data };
    await call('write', () => client.spreadsheets.values.batchUpdate({ spreadsheetId, requestBody }));
  };

  return {
    async read(spreadsheetId) {
      const fields =
        'spreadsheetUrl,sheets.properties(sheetId,title,gridProperties(rowCount,columnCount,frozenRowCount))';
      const { data } = await call('read', () => client.spreadsheets.get({ spreadsheetId, fields }));
      const tabs = (data.sheets ?? []).map(({ properties }): Tab => ({
        sheetId: properties?.sheetId ?? 0,
        title: properties?.title ?? '',
        rows: properties?.gridProperties?.rowCount ?? 0,
        columns: properties?.gridProperties?.columnCount ?? 0,
        frozenRows: properties?.gridProperties?.frozenRowCount ?? 0,
      }));
      return { url: data.spreadsheetUrl ?? '', tabs };
    },
    async readFormats(spreadsheetId, range) {
      const fields = 'sheets.data.rowData.values.userEnteredFormat.numberFormat';
      const { data } = await call('read', () => client.spreadsheets.get({ spreadsheetId, ranges: [range], fields }));
      const cells = data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values ?? [];
      return cells.map(({ userEnteredFormat: format }) => format?.numberFormat);
    },
    async readValues(spreadsheetId, ranges) {
      const requestBody = {
        dataFilters: ranges.map((a1Range) => ({ a1Range })),
        valueRenderOption: 'UNFORMATTED_VALUE',
        dateTimeRenderOption: 'SERIAL_NUMBER',
      };
      const { data } = await call('read', () =>
        client.spreadsheets.values.batchGetByDataFilter({ spreadsheetId, requestBody }),
      );
      const found = new Map(
        (data.valueRanges ?? []).map(({ dataFilters, valueRange }) => [
          dataFilters?.[0]?.a1Range ?? '',
          sheetValues.parse(valueRange?.values ?? []),
        ]),
      );
      return ranges.map((range) => found.get(range) ?? []);
    },
    async changeOnce(spreadsheetId, requests) {
      await callOnce('write', () => client.spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } }));
    },
    async change(spreadsheetId, requests) {
      await call('write', () => client.spreadsheets.batchUpdate({ spreadsheetId, requestBody: { requests } }));
    },
    writeRanges,
    write: (spreadsheetId, range, values) => writeRanges(spreadsheetId, [{ range, values }]),
    async clear(spreadsheetId, ranges) {
      await call('write', () => client.spreadsheets.values.batchClear({ spreadsheetId, requestBody: { ranges } }));
    },
  };
}

/** The values of a range, as Google returns them. */
const sheetValues = z.array(z.array(z.union([z.string(), z.number(), z.boolean()])));

/** gaxios, the HTTP client of googleapis, puts the reply into `response`; a broken connection has none. */
const failure = z.object({
  response: z.object({
    status: z.number(),
    headers: z.instanceof(Headers).optional().catch(undefined),
    /** The Sheets API returns an object as `error`, the sign-in a code. */
    data: z
      .object({ error: z.union([z.string(), z.object({ message: z.string() })]), error_description: z.string() })
      .partial()
      .catch({}),
  }),
});

function translate(error: unknown, account: string): Error {
  const { status, headers, data } = failure.safeParse(error).data?.response ?? {};
  const refusal = data?.error;
  if (status === undefined || TRANSIENT_STATUS.has(status)) {
    // If there is no status, the connection broke before or after Google made the change.
    const seconds = Number(headers?.get('retry-after') ?? 0);
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
    return new TransientError('The request may succeed later.', { retryAfterMs, cause: error });
  }
  if (refusal === 'invalid_grant' || status === 401) {
    return new SignInError(
      'Google does not accept our sign-in. Put a current key of the service account into the credentials bucket.',
    );
  }
  if (status === 403) {
    return new SheetError(
      `Google denies us access to this spreadsheet: share the sheet with ${account} as an editor. (A service account cannot own files: create the spreadsheet yourself.)`,
    );
  }
  if (status === 404) {
    return new SheetError(
      `Google finds no spreadsheet with this id: check the id, and share the sheet with ${account} as an editor.`,
    );
  }
  const message = (typeof refusal === 'object' ? refusal.message : data?.error_description) ?? '';
  return new RefusedError(`Google Sheets refused the sheet (${status}): ${message.slice(0, MESSAGE_LENGTH)}`);
}
