import { toInstant } from '../../../forms/values/time.ts';

/**
 * Converts an RFC 3339 time to UTC and keeps its number of fractional digits. A time in UTC, and anything that is not a
 * time, is returned unchanged.
 */
export function toUtc<Cell>(cell: Cell): Cell | string {
  if (typeof cell !== 'string' || cell.endsWith('Z')) return cell;
  const instant = toInstant(cell);
  if (instant === undefined) return cell;
  const digits = /\.(\d+)/.exec(cell)?.[1]?.length ?? 0;
  return `${instant.slice(0, digits === 0 ? 19 : 20 + digits)}Z`;
}
