/** JSON bodies: read by a schema, every fault at once. */
import type * as z from 'zod';
import { parseJson } from '../../forms/json.ts';
import { isObject, readText, type HttpEvent } from './http.ts';
import { Problem } from './problem.ts';
import { faultsOf } from './query.ts';

/**
 * Reads a JSON object.
 *
 * @param schema a strict object; its messages say what to send instead
 * @param limit the most bytes that it takes
 * @throws {Problem} 415, 413, 400 as `readText` does, 400 not JSON, 422 `invalid-body` that names every unknown or
 * unusable member
 */
export function readBody<Shape extends z.ZodRawShape>(
  event: HttpEvent,
  schema: z.ZodObject<Shape, z.core.$strict>,
  limit: number,
): z.infer<z.ZodObject<Shape>> {
  const { text } = readText(event, ['application/json'], limit);
  const body = parseJson(text);
  if (!body.ok) throw new Problem('not-json', { errors: [body.fault] });
  if (!isObject(body.value)) {
    throw new Problem('invalid-body', { errors: [{ pointer: '', detail: 'Send an object.' }] });
  }
  const parsed = schema.safeParse(body.value);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-body', { errors: faultsOf(parsed.error, Object.keys(schema.shape)) });
}
