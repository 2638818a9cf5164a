/** Which row of the tab belongs to which response. */
import type { GoogleSheets, SheetValue } from '../shared/google/google-client.ts';
import { rangeOf, type Layout } from './layout.ts';

/** The first row below the headers. */
export const FIRST_ROW = 2;

export interface Keys {
  /** The key of each row from FIRST_ROW on; '' for a row without one. */
  inOrder: readonly string[];
  /** The row of each key, counted from 1. Of several rows with one key, the first counts. */
  rows: ReadonlyMap<string, number>;
  /** The later rows with a key that an earlier row has. */
  copies: readonly { key: string; row: number }[];
}

export function keyRange({ tab, keyColumn }: Layout): string {
  return rangeOf(tab, keyColumn, keyColumn, FIRST_ROW);
}

export async function readKeys(google: GoogleSheets, spreadsheetId: string, layout: Layout): Promise<Keys> {
  const [values = []] = await google.readValues(spreadsheetId, [keyRange(layout)]);
  return toKeys(values);
}

export function toKeys(values: readonly (readonly SheetValue[])[]): Keys {
  const inOrder = values.map(([key = '']) => String(key));
  const rows = new Map<string, number>();
  const copies: { key: string; row: number }[] = [];
  for (const [index, key] of inOrder.entries()) {
    if (key === '') continue;
    if (rows.has(key)) copies.push({ key, row: index + FIRST_ROW });
    else rows.set(key, index + FIRST_ROW);
  }
  return { inOrder, rows, copies };
}

/** Whether every row is where it was. Rows may have been added at the end. */
export function isSameOrder(before: Keys, after: Keys): boolean {
  return before.inOrder.every((key, index) => key === (after.inOrder[index] ?? ''));
}
