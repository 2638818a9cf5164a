import { PAGE_BYTES } from '../contract.ts';
import { cutByBytes } from './pages.ts';

const sizeOf = (row: number) => row;

test('a page holds as many rows as were asked for, and knows of the one that was fetched beyond', () => {
  expect(cutByBytes([1, 2, 3], 2, sizeOf)).toEqual({ page: [1, 2], more: true });
  expect(cutByBytes([1, 2], 2, sizeOf)).toEqual({ page: [1, 2], more: false });
  expect(cutByBytes([], 2, sizeOf)).toEqual({ page: [], more: false });
});

test('a page ends before the row that would take it over the bytes of a reply', () => {
  const half = PAGE_BYTES / 2;

  expect(cutByBytes([half, half, half], 10, sizeOf)).toEqual({ page: [half], more: true });
  expect(cutByBytes([half - 600, half - 600, 1], 10, sizeOf)).toEqual({ page: [half - 600, half - 600], more: true });
});

test('a row that is over the bytes by itself makes a page of its own, so that paging goes on', () => {
  const huge = PAGE_BYTES + 1;

  expect(cutByBytes([huge, huge], 10, sizeOf)).toEqual({ page: [huge], more: true });
});
