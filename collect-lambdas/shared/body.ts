/** Reads JSON bodies by a schema and reports all faults together. */
import type * as z from 'zod';
import { isJsonObject, parseJson } from '../../forms/values/json.ts';
import { readText, type HttpEvent } from './http.ts';
import { Problem, type ProblemKind } from './problem.ts';
import { faultsOf } from './query.ts';

/**
 * Reads a JSON body.
 *
 * @param limit in bytes
 * @throws {Problem} 415, 413 or 400 as `readText` does, 400 `not-json` if it is not JSON
 */
export function readJson(event: HttpEvent, limit: number): unknown {
  const { text } = readText(event, ['application/json'], limit);
  const body = parseJson(text);
  if (!body.ok) throw new Problem('not-json', { errors: [body.fault] });
  return body.value;
}

/** Reads a JSON object like `readJson`. @throws {Problem} also `otherwise` (422), if it is other JSON */
export function readObject(
  event: HttpEvent,
  limit: number,
  otherwise: ProblemKind = 'invalid-body',
): Record<string, unknown> {
  const value = readJson(event, limit);
  if (isJsonObject(value)) return value;
  throw new Problem(otherwise, { errors: [{ pointer: '', detail: 'Send an object.' }] });
}

/**
 * Reads an object like `readObject` and checks it by a schema.
 *
 * @param schema whose messages say what to send instead
 * @throws {Problem} also 422 `invalid-body` that names every unknown or unusable member
 */
export function readBody<Schema extends z.ZodObject<z.ZodRawShape, z.core.$strict>>(
  event: HttpEvent,
  schema: Schema,
  limit: number,
): z.infer<Schema> {
  const parsed = schema.safeParse(readObject(event, limit));
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-body', { errors: faultsOf(parsed.error, Object.keys(schema.shape)) });
}
