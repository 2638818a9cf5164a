import { PAGE_BYTES } from '../contract.ts';
import { cutPage, readByKeys } from './pages.ts';

/** Reads a page of rows, given by their sizes; `statements` has the number of keys of each statement. */
async function read(rows: readonly number[], limit: number, gone: readonly number[] = []) {
  const statements: number[] = [];
  const keys = rows.map((size, index) => ({ index, size }));
  const { page, next } = await readByKeys(keys, limit, ({ index }) => index, {
    read: (names) => {
      statements.push(names.length);
      const there = keys.filter(({ index }) => names.includes(index) && !gone.includes(index));
      return Promise.resolve(there.toReversed());
    },
    nameOf: ({ index }) => index,
    bytesOf: ({ size }) => size,
  });
  return { page: page.map(({ size }) => size), next: next?.index ?? null, statements };
}

test('a page has up to `limit` rows, in the order of the keys, and `next` unless it is the last page', async () => {
  expect(await read([1, 2, 3], 2)).toMatchObject({ page: [1, 2], next: 1 });
  expect(await read([1, 2], 2)).toMatchObject({ page: [1, 2], next: null });
  expect(await read([], 2)).toEqual({ page: [], next: null, statements: [] });
});

test('a page ends before the row that would exceed PAGE_BYTES', async () => {
  const half = PAGE_BYTES / 2;

  expect(await read([half, half, half], 10)).toMatchObject({ page: [half], next: 0 });
  expect(await read([half - 600, half - 600, 1], 10)).toMatchObject({ page: [half - 600, half - 600], next: 1 });
});

test('a row larger than PAGE_BYTES has its own page, so that paging continues', async () => {
  const huge = PAGE_BYTES + 1;

  expect(await read([huge, huge], 10)).toMatchObject({ page: [huge], next: 0 });
});

test('a row that was deleted before it is fetched is left out, and paging continues after it', async () => {
  expect(await read([1, 2, 3], 2, [0, 1])).toMatchObject({ page: [], next: 1 });
});

test('rows are fetched part by part until the page is full', async () => {
  const rows = Array.from({ length: 1_000 }, () => PAGE_BYTES / 100);

  expect(await read(rows, 1_000)).toMatchObject({ next: 96, statements: [50, 400] });
});

test('a list is cut at its limit, and the next page starts after its last row', () => {
  expect(cutPage([1, 2, 3], 2, (row) => ({ id: row }))).toEqual({ items: [1, 2], next: { id: 2 } });
  expect(cutPage([1, 2], 2, (row) => ({ id: row }))).toEqual({ items: [1, 2], next: null });
  expect(cutPage([], 2, (row) => ({ id: row }))).toEqual({ items: [], next: null });
});
