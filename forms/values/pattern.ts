/**
 * Patterns of texts: regular expressions that take time linear in the text's length, so that no pattern can block the
 * server.
 */
import { setFlagsFromString } from 'node:v8';
import { LIMITS } from './limits.ts';

/*
 * V8's linear engine runs expressions with the flag `l` and refuses those that it cannot run in linear time:
 * https://v8.dev/blog/non-backtracking-regexp. It takes 0.6 µs for an id of 8 characters. The largest pattern takes 80
 * ms for 500 characters; a backtracking engine would practically never end. `patternSteps` bounds all patterns of a
 * form.
 */
setFlagsFromString('--enable-experimental-regexp-engine');

const LINEAR = 'l';

/** Max count in a repetition that the engine accepts. */
const MAX_REPEATS = 16;

/**
 * Matches a character, an escape or a class, with its counted repetition if it has one. A search for counts alone would
 * misread two patterns: `\\d{20}` repeats the letter d after a backslash, and `[a{20}]` repeats nothing. A backslash
 * before a `c` that names no control character stands for itself.
 */
const ATOM =
  /(\\u[\dA-Fa-f]{4}|\\x[\dA-Fa-f]{2}|\\0[0-7]{0,2}|\\c[A-Za-z]|\\(?=c)|\\.|\[(?:\\.|[^\]\\])*\]|[^\\[\](){}*+?^$|])(?:\{(\d{1,3})(,(\d{0,3}))?\})?/gs;

/** Escapes that need the flag `u` (`\p{L}` and `\u{1F600}`), which the engine does not have, and back references. */
const OTHER_ESCAPE = /^\\(?:[pPk1-9]|u\{)/;

/**
 * Max steps of a match for each character of the text: the length of the pattern with long repetitions written out,
 * times the repetitions of its groups. A step takes 0.01 to 0.06 µs.
 */
export function patternSteps(pattern: string): number {
  const counts = [...pattern.matchAll(/\)\{(?:\d+,)?(\d+)/g)].map(([, count]) => Math.max(1, Number(count)));
  const repeats = counts.reduce((product, count) => product * count, 1);
  // The engine refuses groups that are repeated more often, alone or inside each other.
  return expand(pattern).length * Math.min(MAX_REPEATS, repeats);
}

/** What is wrong with a pattern, as advice; undefined if nothing is. */
export function patternFault(pattern: string): string | undefined {
  if (pattern === '') return 'Send a pattern, or leave it out.';
  if (!isBmp(pattern)) return 'Leave out characters above U+FFFF, such as emojis.';
  for (const [escape] of pattern.matchAll(/\\(?:u\{|.)/gs)) {
    if (OTHER_ESCAPE.test(escape)) return `Leave out ${escape.slice(0, 2)}; list the characters in [ ] instead.`;
  }
  const expanded = expand(pattern);
  if (expanded.length > LIMITS.pattern) {
    return `Use a shorter pattern; with every repetition above ${MAX_REPEATS} written out it has ${expanded.length} characters, and ${LIMITS.pattern} are allowed.`;
  }
  // Checks the pattern without its group first, so that an unbalanced parenthesis cannot close the group.
  if (!isRegExp(expanded, '')) return 'Send a regular expression.';
  return isRegExp(expanded, LINEAR)
    ? undefined
    : `Send a regular expression that can be matched in linear time: without (?=...), (?!...) and back references, and with a group repeated at most ${MAX_REPEATS} times.`;
}

/**
 * Compiles a pattern that must match a whole text. Case matters.
 *
 * @param pattern for which `patternFault` finds no fault
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^(?:${expand(pattern)})$`, LINEAR);
  return (text) => expression.test(text);
}

/** Writes a counted repetition above the engine's limit as several: `a{2,20}` becomes `a{2}a{0,16}a{0,2}`. */
function expand(pattern: string): string {
  return pattern.replace(
    ATOM,
    (whole, atom: string, least: string | undefined, comma: string | undefined, most: string | undefined) => {
      if (least === undefined) return whole;
      const min = Number(least);
      const max = comma === undefined ? min : most === '' ? Infinity : Number(most);
      if (min <= MAX_REPEATS && (max <= MAX_REPEATS || max === Infinity)) return whole;
      // The engine itself refuses a maximum below the minimum.
      if (max < min) return whole;
      const rest = max === Infinity ? `${atom}*` : repeat(atom, max - min, (count) => `{0,${count}}`);
      return repeat(atom, min, (count) => `{${count}}`) + rest;
    },
  );
}

function repeat(atom: string, times: number, counted: (count: number) => string): string {
  const parts = Math.floor(times / MAX_REPEATS);
  const left = times % MAX_REPEATS;
  return `${atom}${counted(MAX_REPEATS)}`.repeat(parts) + (left === 0 ? '' : `${atom}${counted(left)}`);
}

function isBmp(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

function isRegExp(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).flags === flags;
  } catch {
    return false;
  }
}
