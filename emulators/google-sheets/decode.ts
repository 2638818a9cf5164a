/**
 * Reads JSON into protocol-buffer messages as Google's front end does: unknown names and wrong types are refused, all of
 * them in one answer, each with its path in snake_case; `null` is the same as leaving a field out.
 */
import { violated } from './api-error.ts';
import type { Violation } from './api-error.ts';

/** Turns a JSON value into a T, or reports what is wrong with it and returns undefined. */
export type Decoder<T> = (value: unknown, at: string, violations: Violation[]) => T | undefined;
type Decoded<D> = D extends Decoder<infer T> ? T : never;

/**
 * Decodes a request's body.
 * @param at the body's own path, '' where the body is the whole request and 'data' where it is one field of it.
 * @throws ApiError 400 that names every violation.
 */
export function decodeBody<T>(decoder: Decoder<T>, body: unknown, at = ''): T {
  const violations: Violation[] = [];
  const decoded = decoder(body, at, violations);
  if (decoded === undefined || violations.length > 0) throw violated(violations);
  return decoded;
}

export function message<Shape extends Readonly<Record<string, Decoder<unknown>>>>(
  shape: Shape,
): Decoder<{ [Name in keyof Shape]?: Decoded<Shape[Name]> }> {
  return (value, at, violations) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuse(at, 'type.googleapis.com/google.protobuf.Message', value, violations);
    }
    const decoded: { [Name in keyof Shape]?: Decoded<Shape[Name]> } = {};
    for (const [name, fieldValue] of Object.entries(value)) {
      const decoder = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (decoder === undefined) {
        const where = at === '' ? '' : ` at '${at}'`;
        const description = `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}${where}: Cannot find field.`;
        violations.push({ field: at, description });
      } else if (fieldValue !== null) {
        const fieldAt = at === '' ? snakeCase(name) : `${at}.${snakeCase(name)}`;
        Object.assign(decoded, { [name]: decoder(fieldValue, fieldAt, violations) });
      }
    }
    return decoded;
  };
}

/** A repeated field. Google takes a lone value for a list of one; a caller that relies on it is in error here. */
export function list<T>(element: Decoder<T>): Decoder<T[]> {
  return (value, at, violations) => {
    if (!Array.isArray(value)) return refuse(at, 'repeated', value, violations);
    const decoded: T[] = [];
    for (const [index, each] of value.entries()) {
      const one = element(each, `${at}[${index}]`, violations);
      if (one !== undefined) decoded.push(one);
    }
    return decoded;
  };
}

/** google.protobuf.ListValue: an array of anything. */
export const listValue: Decoder<unknown[]> = (value, at, violations) =>
  Array.isArray(value) ? value : refuse(at, 'type.googleapis.com/google.protobuf.ListValue', value, violations);

export const string: Decoder<string> = (value, at, violations) =>
  typeof value === 'string' ? value : refuse(at, 'TYPE_STRING', value, violations);

export const bool: Decoder<boolean> = (value, at, violations) =>
  typeof value === 'boolean' ? value : refuse(at, 'TYPE_BOOL', value, violations);

export const double: Decoder<number> = (value, at, violations) =>
  typeof value === 'number' ? value : refuse(at, 'TYPE_DOUBLE', value, violations);

export const int32: Decoder<number> = (value, at, violations) => {
  const isInt32 = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31;
  return isInt32 ? value : refuse(at, 'TYPE_INT32', value, violations);
};

/** `type`: the enum's name in the Sheets API, for example Dimension. */
export function oneOf<Name extends string>(type: string, ...names: readonly Name[]): Decoder<Name> {
  return (value, at, violations) =>
    names.find((name) => name === value) ??
    refuse(at, `type.googleapis.com/google.apps.sheets.v4.${type}`, value, violations);
}

function refuse(at: string, type: string, value: unknown, violations: Violation[]): undefined {
  violations.push({ field: at, description: `Invalid value at '${at}' (${type}), ${JSON.stringify(value)}` });
  return undefined;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}
