/** The reasons of flags as the text of a return. */

/** Max characters that the API takes. */
const MAX_TEXT = 2000;

export const reasonsOf = (flags: readonly { message: string }[]): string =>
  [...new Set(flags.map(({ message }) => message))].join('\n\n').slice(0, MAX_TEXT);
