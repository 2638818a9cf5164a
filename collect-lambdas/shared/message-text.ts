/** JSON for SQS and SNS. They refuse the characters U+FFFE and U+FFFF, which are therefore escaped. */
export function toMessageText(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\uFFFE\uFFFF]/g, (character) =>
    character === '\uFFFE' ? String.raw`\ufffe` : String.raw`\uffff`,
  );
}
