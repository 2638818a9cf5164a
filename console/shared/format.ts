/** Times, numbers and shares as people read them, in the browser's language and time zone. */
import { formatDistanceToNowStrict, intervalToDuration, parseISO } from 'date-fns';

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const numbers = new Intl.NumberFormat();

/** `2026-09-01T06:00:00Z` as `1 Sep 2026, 09:00` in the reader's zone. */
export const formatTime = (time: string): string => moments.format(parseISO(time));

/** A day, or the day of a time. */
export const formatDay = (time: string): string => days.format(parseISO(time));

/** `3 hours ago`. */
export const formatAgo = (time: string): string => formatDistanceToNowStrict(parseISO(time), { addSuffix: true });

export const formatNumber = (value: number): string => numbers.format(value);

/** `84` of `1,204` as `7 %`; less than 1 % keeps a decimal. Empty if there is no whole. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '';
  const percent = (100 * part) / whole;
  const digits = percent > 0 && percent < 1 ? 1 : 0;
  return `${percent.toFixed(digits)} %`;
}

/** A duration in seconds as `3 h 10 min`: the two largest units. */
export function formatDuration(seconds: number): string {
  const { days: d = 0, hours = 0, minutes = 0, seconds: s = 0 } = intervalToDuration({ start: 0, end: seconds * 1000 });
  const parts: [number, string][] = [
    [d, 'd'],
    [hours, 'h'],
    [minutes, 'min'],
    [s, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first === -1) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([value]) => value > 0);
  return shown.map(([value, unit]) => `${value} ${unit}`).join(' ');
}

/** Bytes as `1.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const unit = bytes < 1_000_000 ? 'kB' : 'MB';
  return `${(bytes / (unit === 'kB' ? 1000 : 1_000_000)).toFixed(1)} ${unit}`;
}
