/**
 * A local Google Sheets: the part of the Sheets API v4 that Collect uses, Google's sign-in for service accounts,
 * and a page for each spreadsheet. It refuses what Google refuses.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { serve, refuseWebPages } from '../http-server.ts';
import { findTab } from './tabs.ts';
import { Faults } from './faults.ts';
import { createListener, type ListenerDependencies, type LoggedRequest } from './listener.ts';
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
  /** Replaces a tab's rows, as a person does who edits, sorts, inserts or deletes. */
  editTab(spreadsheetId: string, title: string, edit: (rows: Cell[][]) => Cell[][]): void;
  /** Changes a tab's title or its grid, as a person does; null deletes the tab. */
  changeTab(spreadsheetId: string, title: string, changes: Partial<Tab> | null): void;
  /** Shares a spreadsheet with the service account, or stops sharing it. */
  share(spreadsheetId: string, shared: boolean): void;
  /** Runs before each request to the API. Simulates a person who works in a spreadsheet meanwhile. */
  person: ListenerDependencies['person'];
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
  const person: ListenerDependencies['person'] = {};

  const create = (id: string, title: string, shared: boolean): void =>
    store.put({ id, title, shared, tabs: [{ ...FIRST_TAB }] });
  const find = (id: string) => {
    const found = store.find(id);
    if (found === undefined) throw new Error(`There is no spreadsheet ${id}.`);
    return found;
  };
  const tabOf = (id: string, title: string): Tab => {
    const tab = findTab(find(id), title);
    if (tab === undefined) throw new Error(`The spreadsheet ${id} has no tab ${title}.`);
    return tab;
  };
  const changeTab = (id: string, title: string, changes: Partial<Tab> | null): void => {
    const spreadsheet = find(id);
    const { sheetId } = tabOf(id, title);
    const tabs = spreadsheet.tabs.flatMap((tab) => {
      if (tab.sheetId !== sheetId) return [tab];
      return changes === null ? [] : [{ ...tab, ...changes }];
    });
    store.put({ ...spreadsheet, tabs });
  };
  const readTab = (id: string, title: string): Cell[][] => {
    const { sheetId } = tabOf(id, title);
    const used = store.usedRows(id, sheetId);
    const rows = store.rows(id, sheetId, { startRow: 0, endRow: used });
    return Array.from({ length: used }, (_, row) => rows.get(row) ?? []);
  };
  if (store.find(DEFAULT_SPREADSHEET_ID) === undefined) create(DEFAULT_SPREADSHEET_ID, 'Collect', true);

  // The port is known only after the listener exists.
  const address = { url: '' };
  const listener = createListener({ store, account, faults, quota, requests, address, now, person });
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
    editTab: (id, title, edit) => {
      const rows = edit(readTab(id, title));
      const { sheetId, rowCount, columnCount } = tabOf(id, title);
      store.replaceRows(id, sheetId, rows);
      changeTab(id, title, {
        rowCount: Math.max(rowCount, rows.length),
        columnCount: Math.max(columnCount, ...rows.map((row) => row.length)),
      });
    },
    changeTab,
    share: (id, shared) => store.put({ ...find(id), shared }),
    person,
    tabs: (id) => find(id).tabs,
    readTab,
    stop: async () => {
      await running.close();
      store.close();
    },
  };
}
