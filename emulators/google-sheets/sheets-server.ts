/**
 * Google Sheets on one machine: the part of the Sheets API v4 that the project uses, Google's sign-in for service accounts,
 * and a page for each spreadsheet. It refuses what Google refuses, so that what works here works there.
 */
import { randomBytes } from 'node:crypto';
import { serve, withoutPages } from '../../local/http-server.ts';
import { createListener } from './listener.ts';
import type { LoggedRequest } from './listener.ts';
import { Faults } from './faults.ts';
import { Quota } from './quota.ts';
import { ServiceAccount } from './service-account.ts';
import type { ServiceAccountKey } from './service-account.ts';
import { createTab } from './spreadsheet.ts';
import { SpreadsheetStore } from './store.ts';

export type { LoggedRequest } from './listener.ts';
export type { Fault } from './faults.ts';
export type { ServiceAccountKey } from './service-account.ts';

export interface SheetsServerOptions {
  /** 0 is any free one. */
  port: number;
  /** A folder: the sheets are kept in its `sheets.json` and are there again after a restart. */
  home?: string;
  /** Enforces 60 reads and 60 writes a minute. */
  requireQuota?: boolean;
  /** Milliseconds since 1970; tests pass their own. */
  now?: () => number;
}

export interface SheetsServer {
  /** Without a slash at its end; both the API's root and where people look. */
  url: string;
  /** What a service account's key file holds; its `token_uri` is this server's. */
  serviceAccountKey: ServiceAccountKey;
  /** There from the start, and shared with the service account. */
  defaultSpreadsheetId: string;
  /** Makes a spreadsheet, as a person does in Google Drive. Shared with the service account unless told otherwise. */
  createSpreadsheet(properties: { title: string; shared?: boolean }): string;
  faults: Faults;
  /** The latest requests, the newest last. */
  requests: readonly LoggedRequest[];
  stop(): Promise<void>;
}

/** Of the length of Google's ids; the same at every start, so that links and settings hold. */
const DEFAULT_SPREADSHEET_ID = '1CollectDefaultSpreadsheetOnThisMachine00000';

/**
 * Starts the server on 127.0.0.1.
 * @throws the system's error when the port cannot be had, Error when the saved sheets cannot be read.
 */
export async function startSheetsServer(options: SheetsServerOptions): Promise<SheetsServer> {
  const now = options.now ?? Date.now;
  const [store, account] = await Promise.all([SpreadsheetStore.open(options.home), ServiceAccount.create(now)]);
  const faults = new Faults();
  const quota = new Quota(options.requireQuota ?? false, now);
  const requests: LoggedRequest[] = [];

  function create(id: string, title: string, shared: boolean): void {
    store.put({ id, title, shared, tabs: [createTab('Sheet1', 0)] });
  }
  if (store.get(DEFAULT_SPREADSHEET_ID) === undefined) create(DEFAULT_SPREADSHEET_ID, 'Collect', true);

  // A port is known once it is had; requests come after that.
  const address = { url: '' };
  const listener = createListener({ store, account, faults, quota, requests, address, now });
  const running = await serve(options.port, withoutPages(listener));
  address.url = `http://127.0.0.1:${running.port}`;
  return {
    url: address.url,
    serviceAccountKey: account.key(`${address.url}/token`),
    defaultSpreadsheetId: DEFAULT_SPREADSHEET_ID,
    createSpreadsheet: ({ title, shared = true }) => {
      const id = randomBytes(33).toString('base64url');
      create(id, title, shared);
      return id;
    },
    faults,
    requests,
    stop: async () => {
      await running.close();
      await store.flush();
    },
  };
}
