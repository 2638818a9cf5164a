/** The spreadsheets, and their file: `sheets.json` in the stack's home. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { Cell, Row, Spreadsheet, Tab } from './spreadsheet.ts';

/** A burst of writes is saved once; large sheets are saved less often, so that saving takes a tenth of the time at most. */
const SAVE_DELAY_MILLISECONDS = 500;
const DELAY_PER_SAVING_TIME = 10;
const CHUNK_CHARACTERS = 64 * 1024;

const boxSchema = z.object({
  startRow: z.number(),
  endRow: z.number().exactOptional(),
  startColumn: z.number(),
  endColumn: z.number().exactOptional(),
});
/** By hand: there may be ten million cells. */
const rowSchema = z
  .custom<(Exclude<Cell, undefined> | null)[]>(
    (row) => Array.isArray(row) && row.every((cell) => cell === null || typeof cell !== 'object'),
  )
  .transform((row): Row => row.map((cell) => cell ?? undefined));
const fileSchema = z.object({
  version: z.literal(1),
  spreadsheets: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      shared: z.boolean(),
      tabs: z.array(
        z.object({
          sheetId: z.int(),
          title: z.string(),
          hidden: z.boolean(),
          hideGridlines: z.boolean(),
          rowCount: z.int(),
          columnCount: z.int(),
          frozenRowCount: z.int(),
          frozenColumnCount: z.int(),
          bold: z.array(z.object({ box: boxSchema, isBold: z.boolean() })),
          rows: z.array(rowSchema),
        }),
      ),
    }),
  ),
});

export class SpreadsheetStore {
  readonly #file: string | undefined;
  readonly #spreadsheets = new Map<string, Spreadsheet>();
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isChanged = false;
  #lastSaveMilliseconds = 0;

  private constructor(file: string | undefined) {
    this.#file = file;
  }

  /**
   * Opens the spreadsheets of a home; without one they live in memory alone.
   * @throws Error when the file is there and cannot be read.
   */
  static async open(home: string | undefined): Promise<SpreadsheetStore> {
    const store = new SpreadsheetStore(home === undefined ? undefined : path.join(home, 'sheets.json'));
    if (home === undefined) return store;
    await mkdir(home, { recursive: true });
    await store.#load();
    return store;
  }

  get(id: string): Spreadsheet | undefined {
    return this.#spreadsheets.get(id);
  }

  list(): Spreadsheet[] {
    return [...this.#spreadsheets.values()];
  }

  /** Keeps a spreadsheet, or a changed copy in place of the one with its id; saves it before long. */
  put(spreadsheet: Spreadsheet): void {
    this.#spreadsheets.set(spreadsheet.id, spreadsheet);
    this.#isChanged = true;
    if (this.#file === undefined || this.#timer !== undefined) return;
    const delay = Math.max(SAVE_DELAY_MILLISECONDS, this.#lastSaveMilliseconds * DELAY_PER_SAVING_TIME);
    this.#timer = setTimeout(() => {
      this.flush().catch((error: unknown) => console.error('The sheets could not be saved:', error));
    }, delay).unref();
  }

  /** Saves what is not saved yet. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One save at a time, so that an older state never replaces a newer one.
    const save = this.#saving.catch(() => undefined).then(() => this.#save());
    this.#saving = save;
    await save;
  }

  async #save(): Promise<void> {
    const file = this.#file;
    if (file === undefined || !this.#isChanged) return;
    this.#isChanged = false;
    const begun = performance.now();
    const temporary = `${file}.tmp`;
    try {
      await pipeline(Readable.from(inChunks(serialise(this.list()))), createWriteStream(temporary));
      await rename(temporary, file);
      this.#lastSaveMilliseconds = performance.now() - begun;
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
  }

  async #load(): Promise<void> {
    const file = this.#file ?? '';
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return;
    try {
      for (const each of fileSchema.parse(JSON.parse(text)).spreadsheets) this.#spreadsheets.set(each.id, each);
    } catch (error) {
      throw new Error(`${file} holds no sheets that can be read. Delete it to begin with empty ones.`, {
        cause: error,
      });
    }
  }
}

/**
 * Writes row by row: one string of all of it may be longer than a string can be. Rows are never changed in place, and the
 * list of a spreadsheet's rows is replaced with the spreadsheet, so what is written is the state of one moment.
 */
function* serialise(spreadsheets: readonly Spreadsheet[]): Generator<string> {
  yield '{"version":1,"spreadsheets":[';
  for (const [index, { tabs, ...rest }] of spreadsheets.entries()) {
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(rest).slice(0, -1)},"tabs":[`;
    for (const [tabIndex, tab] of tabs.entries()) yield* serialiseTab(tab, tabIndex === 0);
    yield ']}';
  }
  yield ']}\n';
}

function* serialiseTab({ rows, ...rest }: Tab, isFirst: boolean): Generator<string> {
  yield `${isFirst ? '' : ','}\n${JSON.stringify(rest).slice(0, -1)},"rows":[`;
  for (const [index, row] of rows.entries()) yield `${index === 0 ? '' : ','}\n${JSON.stringify(row)}`;
  yield ']}';
}

function* inChunks(parts: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const part of parts) {
    chunk += part;
    if (chunk.length >= CHUNK_CHARACTERS) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}
