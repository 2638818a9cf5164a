/**
 * Where lists are in a JSON object: the keys on the way to a list; if its elements contain the wanted lists, then also the
 * keys on the way to those, from an element; and so on.
 */
export type Lists = readonly (readonly string[])[];

/** The keys as part of a path for JSON functions, which MySQL, MariaDB and SQLite read alike. */
export function memberPath(keys: readonly string[]): string {
  return keys.map((key) => `.${JSON.stringify(key)}`).join('');
}
