// C0, DEL and C1. A text of several lines may have tabs and line feeds.
const CONTROL = /\p{Cc}/u;
const CONTROL_EXCEPT_LINES = /[^\P{Cc}\t\n]/u;

/** Max UTF-8 bytes of a UTF-16 code unit. A code unit that JSON escapes takes two bytes. */
export const MAX_BYTES_PER_UNIT = 3;

/** Limits of a text: its length in Unicode code points, and whether it may have tabs and line feeds. */
type TextLimits = { readonly max_length: number; readonly multiline: boolean };

/** The fault of a text, as a sentence; undefined if it has none. An empty text is valid. */
export function textFault(text: string, { max_length, multiline }: TextLimits): string | undefined {
  if (text.length > max_length) {
    const { length } = Array.from(text);
    if (length > max_length) return `Use at most ${max_length} characters; this has ${length}.`;
  }
  if ((multiline ? CONTROL_EXCEPT_LINES : CONTROL).test(text)) {
    return `Remove the control characters${multiline ? ' other than tabs and line feeds' : ', tabs and line feeds too'}.`;
  }
  if (!text.isWellFormed()) return 'Send whole Unicode characters; this has half of a surrogate pair.';
  return undefined;
}
