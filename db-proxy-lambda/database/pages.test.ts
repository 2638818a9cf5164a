import { PAGE_BYTES } from '../contract.ts';
import { cutByBytes, readByKeys } from './pages.ts';

/** Pages of rows that are their own sizes; `statements` has the keys that each statement asked for. */
async function read(rows: readonly number[], limit: number, gone: readonly number[] = []) {
  const statements: number[] = [];
  const keys = rows.map((size, index) => ({ index, size }));
  const { page, last, more } = await readByKeys(keys, limit, {
    read: (some) => {
      statements.push(some.length);
      return Promise.resolve(some.filter(({ index }) => !gone.includes(index)).toReversed());
    },
    nameOf: ({ index }) => index,
    bytesOf: ({ size }) => size,
  });
  return { page: page.map(({ size }) => size), last: last?.index, more, statements };
}

test('a page holds as many rows as were asked for, in the order of the keys, and knows of the key beyond', async () => {
  expect(await read([1, 2, 3], 2)).toMatchObject({ page: [1, 2], last: 1, more: true });
  expect(await read([1, 2], 2)).toMatchObject({ page: [1, 2], last: 1, more: false });
  expect(await read([], 2)).toEqual({ page: [], last: undefined, more: false, statements: [] });
});

test('a page ends before the row that would take it over the bytes of a reply', async () => {
  const half = PAGE_BYTES / 2;

  expect(await read([half, half, half], 10)).toMatchObject({ page: [half], last: 0, more: true });
  expect(await read([half - 600, half - 600, 1], 10)).toMatchObject({ page: [half - 600, half - 600], more: true });
});

test('a row that is over the bytes by itself makes a page of its own, so that paging goes on', async () => {
  const huge = PAGE_BYTES + 1;

  expect(await read([huge, huge], 10)).toMatchObject({ page: [huge], last: 0, more: true });
});

test('a row that is gone by the time it is fetched is left out, and paging goes on after it', async () => {
  expect(await read([1, 2, 3], 2, [0, 1])).toMatchObject({ page: [], last: 1, more: true });
});

test('rows are fetched part by part, and none after the page is full', async () => {
  const rows = Array.from({ length: 1_000 }, () => PAGE_BYTES / 100);

  expect(await read(rows, 1_000)).toMatchObject({ last: 97, statements: [50, 400] });
});

test('a page of rows that are there already is cut in the same way', () => {
  const [half, huge] = [PAGE_BYTES / 2, PAGE_BYTES + 1];
  const cut = (rows: number[], limit: number) => cutByBytes(rows, limit, (row) => row);

  expect(cut([1, 2, 3], 2)).toEqual({ page: [1, 2], more: true });
  expect(cut([], 2)).toEqual({ page: [], more: false });
  expect(cut([half - 600, half - 600, 1], 10)).toEqual({ page: [half - 600, half - 600], more: true });
  expect(cut([huge, huge], 10)).toEqual({ page: [huge], more: true });
});
