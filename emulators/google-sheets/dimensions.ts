/** The size of a tab's grid: rows and columns added and taken away, with what they hold. */
import type { Box } from './a1.ts';
import { invalid } from './api-error.ts';
import { checkSize, withoutTrailingBlanks } from './spreadsheet.ts';
import type { Spreadsheet, Tab } from './spreadsheet.ts';

export type Dimension = 'ROWS' | 'COLUMNS';

/**
 * Gives a tab another number of rows or columns; those at the end go, with what they hold.
 * @throws ApiError 400 when none, or only frozen ones, would be left, or the spreadsheet would be too large.
 */
export function resize(spreadsheet: Spreadsheet, tab: Tab, dimension: Dimension, count: number): void {
  if (count < sizeOf(tab, dimension)) remove(tab, dimension, count, sizeOf(tab, dimension));
  setSize(tab, dimension, count);
  checkSize(spreadsheet);
}

/**
 * Takes rows or columns away, `end` exclusive; those behind them move up.
 * @throws ApiError 400 when none, or only frozen ones, would be left.
 */
export function remove(tab: Tab, dimension: Dimension, start: number, end: number): void {
  const name = dimension === 'ROWS' ? 'rows' : 'columns';
  const size = sizeOf(tab, dimension) - (end - start);
  const frozen = dimension === 'ROWS' ? tab.frozenRowCount : tab.frozenColumnCount;
  const frozenLeft = frozen - Math.max(0, Math.min(end, frozen) - start);
  if (size < 1) throw invalid(`You can't delete all the ${name} on the sheet.`);
  if (frozenLeft > 0 && size <= frozenLeft) {
    throw invalid(`Sorry, it is not possible to delete all non-frozen ${name}.`);
  }
  if (dimension === 'ROWS') {
    tab.rows.splice(start, end - start);
    tab.frozenRowCount = frozenLeft;
  } else {
    tab.rows = tab.rows.map((row) =>
      row.length > start ? withoutTrailingBlanks([...row.slice(0, start), ...row.slice(end)]) : row,
    );
    tab.frozenColumnCount = frozenLeft;
  }
  setSize(tab, dimension, size);
  tab.bold = tab.bold.flatMap(({ box, isBold }) => {
    const moved = moveBox(box, dimension, start, end);
    return moved === undefined ? [] : [{ box: moved, isBold }];
  });
}

/** @throws ApiError 400 when nothing but frozen rows or columns would be seen. */
export function freeze(tab: Tab, dimension: Dimension, count: number): void {
  const name = dimension === 'ROWS' ? 'rows' : 'columns';
  if (count < 0 || (count > 0 && count >= sizeOf(tab, dimension))) {
    throw invalid(`You can't freeze all visible ${name} on the sheet.`);
  }
  if (dimension === 'ROWS') tab.frozenRowCount = count;
  else tab.frozenColumnCount = count;
}

export function sizeOf(tab: Tab, dimension: Dimension): number {
  return dimension === 'ROWS' ? tab.rowCount : tab.columnCount;
}

function setSize(tab: Tab, dimension: Dimension, size: number): void {
  if (dimension === 'ROWS') tab.rowCount = size;
  else tab.columnCount = size;
}

/** What is left of a box when rows or columns from `start` to `end` go. */
function moveBox(box: Box, dimension: Dimension, start: number, end: number): Box | undefined {
  const move = (index: number): number => (index <= start ? index : Math.max(start, index - (end - start)));
  const moved: Box = { ...box };
  if (dimension === 'ROWS') {
    moved.startRow = move(box.startRow);
    if (box.endRow !== undefined) moved.endRow = move(box.endRow);
  } else {
    moved.startColumn = move(box.startColumn);
    if (box.endColumn !== undefined) moved.endColumn = move(box.endColumn);
  }
  const isEmpty = (moved.endRow ?? Infinity) <= moved.startRow || (moved.endColumn ?? Infinity) <= moved.startColumn;
  return isEmpty ? undefined : moved;
}
