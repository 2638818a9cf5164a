import { toInstant } from '../../forms/time.ts';

/**
 * An RFC 3339 time in UTC. One that is in UTC already stays as it was written; another keeps its digits of fraction.
 * What is not a time stays as it is.
 */
export function toUtc<Cell>(cell: Cell): Cell | string {
  if (typeof cell !== 'string' || cell.endsWith('Z')) return cell;
  const instant = toInstant(cell);
  if (instant === undefined) return cell;
  const digits = /\.(\d+)/.exec(cell)?.[1]?.length ?? 0;
  return `${instant.slice(0, digits === 0 ? 19 : 20 + digits)}Z`;
}
