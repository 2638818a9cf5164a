/** Helpers for tests of live sheets: a worker with a real database and the emulator of Google Sheets, and a publisher. */
import { randomUUID } from 'node:crypto';
import type { Dependencies } from '../../collect-lambdas/live-sheet/dependencies.ts';
import { createHandler } from '../../collect-lambdas/live-sheet/handler.ts';
import { toSheetRow } from '../../collect-lambdas/shared/google/cells.ts';
import { signIn } from '../../collect-lambdas/shared/google/google-auth.ts';
import { withHeaders } from '../../collect-lambdas/shared/google/headers.ts';
import type { Cell, LiveSheet } from '../../db-proxy-lambda/contract.ts';
import type { SheetsServer } from '../../emulators/google-sheets/sheets-server.ts';
import { FakeClock, readAll } from './exports.ts';
import type { InProcessProxy } from './in-process-proxy.ts';
import { RecordingLogger } from './recording-logger.ts';

export const TAB = 'Live';
const LATER = { max_id: Number.MAX_SAFE_INTEGER, at: '9999-12-31T23:59:59.999Z' };

export class LiveSheetBench {
  readonly clock = new FakeClock();
  readonly logger = new RecordingLogger();
  readonly proxy: InProcessProxy;
  readonly server: SheetsServer;
  readonly form: string;
  spreadsheetId: string;
  /** How often the worker started the publisher. */
  triggers = 0;
  readonly #work: () => Promise<unknown>;

  constructor(proxy: InProcessProxy, server: SheetsServer, form: string) {
    this.proxy = proxy;
    this.server = server;
    this.form = form;
    this.spreadsheetId = server.createSpreadsheet({ title: 'Live' });
    const dependencies: Dependencies = {
      dbProxy: proxy,
      signIn: () => Promise.resolve(signIn(JSON.stringify(server.serviceAccountKey), `${server.url}/`)),
      forgetSignIn: () => undefined,
      backOff: () => Promise.resolve(),
      triggerPublish: () => {
        this.triggers += 1;
        return Promise.resolve();
      },
      clock: this.clock,
      newHolder: randomUUID,
      logger: this.logger,
    };
    this.#work = () => createHandler(dependencies)({ Records: [] });
  }

  /** Chooses the tab. */
  async choose(tab = TAB): Promise<void> {
    await this.proxy.call('putLiveSheet', { form_id: this.form, spreadsheet_id: this.spreadsheetId, tab });
  }

  /** Publishes the outbox, as the publisher does. */
  async publish(): Promise<void> {
    const holder = randomUUID();
    let published: number[] = [];
    do {
      const { events } = await this.proxy.call('claimResponseEvents', {
        holder,
        lease_seconds: 60,
        limit: 200,
        published,
        waiting: [],
      });
      published = events.map((event) => event.event_id);
    } while (published.length > 0);
  }

  /** Publishes, and runs the worker. */
  async work(): Promise<void> {
    await this.publish();
    await this.clock.wait(Math.max(0, Date.now() - this.clock.now()));
    await this.#work();
  }

  async state(): Promise<LiveSheet> {
    const { sheet } = await this.proxy.call('getLiveSheet', { form_id: this.form });
    if (sheet === null) throw new Error('There is no live sheet.');
    return sheet;
  }

  rows(tab = TAB): Cell[][] {
    return this.server.readTab(this.spreadsheetId, tab);
  }

  edit(edit: (rows: (string | number)[][]) => (string | number)[][]): void {
    this.server.editTab(this.spreadsheetId, TAB, edit);
  }

  /** The rows of the table as the sheet should show them, by response, each a record by header. */
  async expected(): Promise<Map<string, Record<string, Cell>>> {
    const { tables } = await this.proxy.call('listTables', { count_rows: false });
    const table = tables.find(({ name }) => name === this.form);
    if (table === undefined) throw new Error('There is no such form.');
    const { columns } = withHeaders(table, {});
    const bound = { ...LATER, form_version: 1_000 };
    const rows = await readAll(this.proxy, bound, { table: this.form });
    return new Map(
      rows.map((row) => {
        const cells = toSheetRow(columns, row);
        return [String(row[0]), Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? '']))];
      }),
    );
  }

  /** The rows of the sheet by response, each a record of the columns with these headers. Fails if a response has two. */
  shown(headers?: readonly string[]): Map<string, Record<string, Cell>> {
    const [header = [], ...rows] = this.rows();
    const names = headers ?? header.map(String);
    const shown = new Map<string, Record<string, Cell>>();
    for (const row of rows) {
      const record = Object.fromEntries(names.map((name) => [name, row[header.indexOf(name)] ?? '']));
      const id = String(row[header.indexOf('response_id')] ?? '');
      if (id === '') continue;
      if (shown.has(id)) throw new Error(`${id} is in the sheet twice.`);
      shown.set(id, record);
    }
    return shown;
  }

  /** Fails unless the sheet shows the table. */
  async expectEqual(): Promise<void> {
    const expected = await this.expected();
    const [first] = expected.values();
    expect(this.shown(Object.keys(first ?? {}))).toEqual(expected);
  }
}
