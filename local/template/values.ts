/** Reads values of unknown type from a template. */

export type Properties = Record<string, unknown>;

export function isRecord(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is a mapping, an empty mapping otherwise. */
export function record(value: unknown): Properties {
  return isRecord(value) ? value : {};
}

/** The value when it is a list, an empty list otherwise. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

/** Converts a value to text as CloudFormation does: numbers and booleans as in YAML, lists and mappings as JSON. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** The value as a number, or `fallback` when the template leaves it out. */
export function number(value: unknown, fallback: number): number {
  return value === undefined ? fallback : Number(value);
}
