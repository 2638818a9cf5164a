/**
 * A local Google Sheets: the part of the Sheets API v4 that Collect uses, Google's sign-in for service accounts,
 * and a page for each spreadsheet. It refuses what Google refuses.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { serve, refuseWebPages } from '../http-server.ts';
import { findTab } from './api.ts';
import { Faults } from './faults.ts';
import { createListener, type LoggedRequest } from './listener.ts';
import { Quota } from './quota.ts';
import { ServiceAccount, type ServiceAccountKey } from './service-account.ts';
import { SpreadsheetStore, type Cell, type Tab } from './spreadsheet-store.ts';

export type { Fault } from './faults.ts';

export interface SheetsServer {
  /** The API's root and the address for people, without a trailing slash. */
  url: string;
  /** The content of a service account's key file; its `token_uri` is this server's. */
  serviceAccountKey: ServiceAccountKey;
  /** Exists from the start and is shared with the service account. */
  defaultSpreadsheetId: string;
  faults: Faults;
  /** 60 reads and 60 writes a minute; by default not enforced. */
  quota: Quota;
  /** The latest requests, newest last. */
  requests: readonly LoggedRequest[];
  /** Makes a spreadsheet with the tab `Sheet1`. Shared with the service account by default. @returns its id */
  createSpreadsheet(properties: { title: string; shared?: boolean }): string;
  /** Adds a tab to a spreadsheet, as a person does. */
  addTab(spreadsheetId: string, tab: Tab): void;
  tabs(spreadsheetId: string): Tab[];
  /** The cells of a tab. A row ends with its last cell that is not empty. */
  readTab(spreadsheetId: string, title: string): Cell[][];
  stop(): Promise<void>;
}

/** Has the length of Google's ids, and is the same at every start. */
const DEFAULT_SPREADSHEET_ID = '1CollectDefaultSpreadsheetOnThisMachine00000';
/** A tab as Google makes it. */
const FIRST_TAB: Tab = { sheetId: 0, title: 'Sheet1', rowCount: 1000, columnCount: 26, frozenRowCount: 0, bold: [] };

/**
 * Starts the server on 127.0.0.1.
 *
 * @param port 0 for any free port
 * @param home a folder whose `sheets.sqlite` keeps the sheets; without one they live in memory
 * @param now milliseconds since 1970
 * @throws the system's error when the port is unavailable, Error when the saved sheets cannot be read
 */
export async function startSheetsServer({
  port,
  home,
  now = Date.now,
}: {
  port: number;
  home?: string;
  now?: () => number;
}): Promise<SheetsServer> {
  if (home !== undefined) mkdirSync(home, { recursive: true });
  const store = new SpreadsheetStore(home === undefined ? undefined : path.join(home, 'sheets.sqlite'));
  const account = new ServiceAccount(now);
  const faults = new Faults();
  const quota = new Quota(now);
  const requests: LoggedRequest[] = [];

  const create = (id: string, title: string, shared: boolean): void =>
    store.put({ id, title, shared, tabs: [{ ...FIRST_TAB }] });
  const find = (id: string) => {
    const found = store.find(id);
    if (found === undefined) throw new Error(`There is no spreadsheet ${id}.`);
    return found;
  };
  if (store.find(DEFAULT_SPREADSHEET_ID) === undefined) create(DEFAULT_SPREADSHEET_ID, 'Collect', true);

  // The port is known only after the listener exists.
  const address = { url: '' };
  const listener = createListener({ store, account, faults, quota, requests, address, now });
  const running = await serve(port, refuseWebPages(listener));
  address.url = `http://127.0.0.1:${running.port}`;
  return {
    url: address.url,
    serviceAccountKey: account.key(`${address.url}/token`),
    defaultSpreadsheetId: DEFAULT_SPREADSHEET_ID,
    faults,
    quota,
    requests,
    createSpreadsheet: ({ title, shared = true }) => {
      const id = randomBytes(33).toString('base64url');
      create(id, title, shared);
      return id;
    },
    addTab: (id, tab) => {
      const spreadsheet = find(id);
      store.put({ ...spreadsheet, tabs: [...spreadsheet.tabs, tab] });
    },
    tabs: (id) => find(id).tabs,
    readTab: (id, title) => {
      const tab = findTab(find(id), title);
      if (tab === undefined) throw new Error(`The spreadsheet ${id} has no tab ${title}.`);
      const used = store.usedRows(id, tab.sheetId);
      const rows = store.rows(id, tab.sheetId, { startRow: 0, endRow: used });
      return Array.from({ length: used }, (_, row) => rows.get(row) ?? []);
    },
    stop: async () => {
      await running.close();
      store.close();
    },
  };
}
