/** Reads query parameters and cursors by schemas and reports all faults together. */
import * as z from 'zod';
import { pointerTo, type Fault } from '../../forms/values/fault.ts';
import { jsonResponse, type HttpEvent, type HttpResponse } from './http.ts';
import { Problem } from './problem.ts';

/**
 * Reads query parameters.
 *
 * @param shape one schema for each parameter, which is text; its message says what to send instead
 * @throws {Problem} 422 `invalid-parameter` that names every unknown or unusable parameter
 */
export function readQuery<Shape extends z.ZodRawShape>(event: HttpEvent, shape: Shape): z.infer<z.ZodObject<Shape>> {
  const parameters = event.queryStringParameters ?? {};
  const parsed = z.strictObject(shape).safeParse(parameters);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-parameter', { errors: faultsOf(parsed.error, Object.keys(shape)) });
}

/**
 * The faults that a schema found, each with its pointer.
 *
 * @param known the members that the value may have; the fault of an unknown member lists them
 */
export function faultsOf(error: z.ZodError, known: readonly string[]): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(...path), detail: issue.message }];
    const advice = path.length === 0 ? `allowed here: ${known.join(', ')}` : 'it is not allowed here';
    return issue.keys.map((key) => ({ pointer: pointerTo(...path, key), detail: `Leave it out; ${advice}.` }));
  });
}

/** Encodes a position as an opaque cursor. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The cursor of the next page; null after the last one. */
export function nextCursor(position: unknown): string | null {
  return position === null ? null : encodeCursor(position);
}

/** A page of a list, with the cursor of the next one. */
export function pageResponse({ items, next }: { items: readonly unknown[]; next: unknown }): HttpResponse {
  return jsonResponse(200, { items, next_cursor: nextCursor(next) });
}

/** A schema of the cursors that `encodeCursor` makes from positions of this shape. */
export function cursorOf<Position>(position: z.ZodType<Position>) {
  return z.string().transform((text, context): Position => {
    const parsed = position.safeParse(decode(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'Send a next_cursor of this list, unchanged.' });
    return z.NEVER;
  });
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** The parameter `limit`: the maximum number of items in a page. */
export const pageLimit = z
  .string()
  .regex(/^([1-9]|[1-9]\d|100)$/, 'Send a whole number from 1 to 100.')
  .transform(Number)
  .default(50);
