/** Patterns that Java and JavaScript read alike, because phones match by the one or the other. */

/**
 * Matches one piece of a pattern: an escape, a class, the beginning of a group, a counted repetition, or a character.
 * A pattern with any other piece is left to the server.
 */
const PIECE =
  /\\(?<escape>u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|.)|\[(?<negated>\^?)(?<members>(?:\\(?:u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|.)|[^\]\\])*)\]|(?<group>\((?:\?:|\?<[^>]*>)?)|(?<count>\{\d+(?:,\d*)?\})|(?<plain>[^\\[\]({}])/gsy;

const MEMBER = /\\(?<escape>u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|.)|(?<plain>[^\\])/gs;

/** The blanks of JavaScript's `\s`; Java's has fewer. */
const BLANKS = String.raw` \t\n\x0B\f\r\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF`;

/** Escapes with one meaning in both languages: digits, words, characters by number, and punctuation. */
const SAFE_ESCAPE = /^(?:[dDwWtnrf]|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|[^A-Za-z0-9])$/;

/**
 * A pattern of Collect for the function `regex`, which must match the whole text.
 *
 * @returns undefined if some engine would read it differently
 */
export function phonePattern(pattern: string): string | undefined {
  let written = '';
  let end = 0;
  for (const match of pattern.matchAll(PIECE)) {
    end = match.index + match[0].length;
    const piece = pieceOf(match[0], match.groups ?? {});
    if (piece === undefined) return undefined;
    written += piece;
  }
  return end === pattern.length ? `^(?:${written})$` : undefined;
}

type Groups = { readonly [name: string]: string | undefined };

function pieceOf(whole: string, { escape, negated, members, group }: Groups): string | undefined {
  if (members !== undefined) return classOf(negated ?? '', members);
  if (escape === 's') return `[${BLANKS}]`;
  if (escape === 'S') return `[^${BLANKS}]`;
  if (escape !== undefined) return SAFE_ESCAPE.test(escape) ? whole : undefined;
  return group === undefined ? whole : group === '(?:' ? group : '(';
}

function classOf(negated: string, members: string): string | undefined {
  if (members === '') return undefined;
  let written = '';
  for (const { 0: whole, groups = {} } of members.matchAll(MEMBER)) {
    const { escape, plain } = groups;
    if (escape === 's') written += BLANKS;
    else if (escape !== undefined && !SAFE_ESCAPE.test(escape)) return undefined;
    // In a class, Java reads these as operators.
    else written += plain !== undefined && '[&^'.includes(plain) ? `\\${plain}` : whole;
  }
  return `[${negated}${written}]`;
}
