import { formatNumber } from '../../../shared/format.ts';

/** `1 rule`, `1,204 rules`. */
export const counted = (count: number, word: string): string =>
  `${formatNumber(count)} ${word}${count === 1 ? '' : 's'}`;
