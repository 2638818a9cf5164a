/** Pieces of XPath 1.0, as OpenRosa's engines take it. */

/** The longest expression that is written; a longer one is left to the server. */
export const MAX_XPATH = 20_000;

/** A text as a literal. XPath has no escapes, so a text with both quotes is put together. */
export function xpathText(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!text.includes('"')) return `"${text}"`;
  return `concat(${text
    .split("'")
    .map((part) => `'${part}'`)
    .join(`, "'", `)})`;
}

export const TRUE = 'true()';
export const FALSE = 'false()';

/** All of the conditions. Equal ones are written once. */
export function allOf(conditions: readonly string[]): string {
  const distinct = [...new Set(conditions)].filter((each) => each !== TRUE);
  if (distinct.includes(FALSE)) return FALSE;
  return joined(distinct, ' and ', TRUE);
}

/** One of the conditions at least. Equal ones are written once. */
export function anyOf(conditions: readonly string[]): string {
  const distinct = [...new Set(conditions)].filter((each) => each !== FALSE);
  if (distinct.includes(TRUE)) return TRUE;
  return joined(distinct, ' or ', FALSE);
}

export function notOf(condition: string): string {
  if (condition === TRUE) return FALSE;
  return condition === FALSE ? TRUE : `not(${condition})`;
}

function joined(conditions: readonly string[], operator: string, empty: string): string {
  const [first = empty, ...more] = conditions;
  return more.length === 0 ? first : `(${conditions.join(operator)})`;
}
