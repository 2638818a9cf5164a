/**
 * JSON as SQS and SNS take it: they refuse two characters that JSON may hold as they are, U+FFFE and U+FFFF. Both occur in
 * strings only, where an escape stands for them.
 */
export function toMessageText(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\uFFFE\uFFFF]/g, (character) =>
    character === '\uFFFE' ? String.raw`\ufffe` : String.raw`\uffff`,
  );
}
