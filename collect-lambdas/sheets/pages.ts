import { setImmediate } from 'node:timers/promises';
import type { Cell, Input, Result } from '../../db-proxy-lambda/contract.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';

/** A reply begins with the position of the next page. */
const NEXT_FIRST = /^\{"ok":true,"result":\{"next":("(?:[^"\\]|\\.)*")/;

/**
 * Reads a table page by page. The next page is requested while the caller works on the current one. If the caller is
 * waiting, the next page is requested before the current one is parsed, so that the proxy is never idle.
 */
export async function* readPages(
  dbProxy: DbProxy,
  table: Omit<Input<'readTable'>, 'after'>,
): AsyncGenerator<Cell[][], void, void> {
  let isAwaited = false;
  let coming: Promise<Result<'readTable'>> | undefined;

  const askForNext = async (reply: string): Promise<void> => {
    const [, next] = (isAwaited && NEXT_FIRST.exec(reply)) || [];
    if (next === undefined) return;
    coming = fetchPage(JSON.parse(next));
    await yieldToEventLoop();
  };
  const fetchPage = (after: string | null): Promise<Result<'readTable'>> => {
    const page = dbProxy.call('readTable', { ...table, after }, undefined, askForNext);
    // The await below handles failures. This catch is for callers that stop reading before they reach that await.
    page.catch(() => undefined);
    return page;
  };

  coming = fetchPage(null);
  while (coming !== undefined) {
    const awaited: Promise<Result<'readTable'>> = coming;
    isAwaited = true;
    const { rows, next } = await awaited;
    isAwaited = false;
    if (coming === awaited) {
      coming = next === null ? undefined : fetchPage(next);
      await yieldToEventLoop();
    }
    yield rows;
  }
}

/** Lets the event loop send a request, which synchronous work on rows would delay. */
const yieldToEventLoop = (): Promise<void> => setImmediate();

/** The size of the part of a table that was read. */
export interface TableSize {
  rows: number;
  /** Characters of the longest text. */
  longestCell: number;
}

/**
 * Passes pages on and measures them: `size` begins at zero.
 *
 * @param onRows called with the number of rows once the consumer has finished a page
 */
export async function* measure(
  pages: AsyncIterable<Cell[][]>,
  size: TableSize,
  onRows: (rows: number) => Promise<void>,
): AsyncGenerator<Cell[][], void, void> {
  Object.assign(size, { rows: 0, longestCell: 0 });
  for await (const page of pages) {
    yield page;
    size.rows += page.length;
    for (const row of page) {
      for (const cell of row) {
        if (typeof cell === 'string' && cell.length > size.longestCell) size.longestCell = cell.length;
      }
    }
    await onRows(size.rows);
  }
}
