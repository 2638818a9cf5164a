import { setImmediate } from 'node:timers/promises';
import type { Cell, Input, Result } from '../../db-proxy-lambda/contract.ts';
import type { DbProxy } from '../shared/db-proxy-client.ts';

/** Reads a table page by page; the next page is on its way while the caller works on this one. */
export async function* readPages(
  dbProxy: DbProxy,
  table: Omit<Input<'readTable'>, 'after'>,
): AsyncGenerator<Cell[][], void, void> {
  const fetchPage = (after: string | null) => {
    const page = dbProxy.call('readTable', { ...table, after });
    // Met by the await below, or by nobody when the caller has given up.
    page.catch(() => undefined);
    return page;
  };
  let coming: ReturnType<typeof fetchPage> | undefined = fetchPage(null);
  while (coming !== undefined) {
    const { rows, next }: Result<'readTable'> = await coming;
    coming = next === null ? undefined : fetchPage(next);
    // The request leaves in a turn of the event loop, and a caller that works on rows leaves it none.
    await setImmediate();
    yield rows;
  }
}
