/**
 * Where lists are in a JSON object. The first part is the path to a list, as keys from the object. If the elements of this
 * list contain the wanted lists, the second part is the path from an element to an inner list; and so on.
 */
export type Lists = readonly (readonly string[])[];

/** The keys as part of a path for JSON functions, which MySQL, MariaDB and SQLite read alike. */
export function memberPath(keys: readonly string[]): string {
  return keys.map((key) => `.${JSON.stringify(key)}`).join('');
}
