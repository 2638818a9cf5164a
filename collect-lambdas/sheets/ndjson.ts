/** Writes a table as NDJSON: a JSON object a row, on a line that ends with LF. */
import type { Cell, Column } from '../../db-proxy-lambda/contract.ts';
import { toUtc } from '../shared/google/utc.ts';

/** The digits of a stored amount; JSON allows no leading zeros. */
const PLAIN_NUMBER = /^(-?)0*(\d+(?:\.\d+)?)$/;

/** @returns a function that converts rows to lines. A row's cells are in the order of the columns */
export function ndjsonLines(columns: readonly Column[]): (rows: readonly (readonly Cell[])[]) => string {
  const members = columns.map(({ name, type }) => ({
    name: `${JSON.stringify(name)}:`,
    encode: type === 'number' ? encodeNumber : type === 'time' ? encodeTime : JSON.stringify,
  }));
  return (rows) => {
    const lines = rows.map((row) => {
      const cells = members.map(({ name, encode }, index) => name + encode(row[index] ?? null));
      return `{${cells.join(',')}}`;
    });
    return [...lines, ''].join('\n');
  };
}

/** Numbers have exactly the digits that are stored. Text, from an earlier version of the question, stays text. */
function encodeNumber(cell: Cell): string {
  const [, sign, digits] = (typeof cell === 'string' && PLAIN_NUMBER.exec(cell)) || [];
  return digits === undefined ? JSON.stringify(cell) : `${sign}${digits}`;
}

function encodeTime(cell: Cell): string {
  return JSON.stringify(toUtc(cell));
}
