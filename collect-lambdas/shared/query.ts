/** Query parameters and cursors: read by a schema, every fault at once. */
import * as z from 'zod';
import { pointerTo, type Fault } from '../../forms/fault.ts';
import type { HttpEvent } from './http.ts';
import { Problem } from './problem.ts';

/**
 * Reads query parameters.
 *
 * @param shape one schema a parameter, over text; its message says what to send instead
 * @throws {Problem} 422 `invalid-parameter` that names every unknown or unusable parameter
 */
export function readQuery<Shape extends z.ZodRawShape>(event: HttpEvent, shape: Shape): z.infer<z.ZodObject<Shape>> {
  const parameters = event.queryStringParameters ?? {};
  const parsed = z.strictObject(shape).safeParse(parameters);
  if (parsed.success) return parsed.data;
  throw new Problem('invalid-parameter', { errors: faultsOf(parsed.error, Object.keys(shape)) });
}

/**
 * What a schema found wrong, each fault with its pointer.
 *
 * @param known the keys that the value may have, named where another one was sent
 */
export function faultsOf(error: z.ZodError, known: readonly string[]): Fault[] {
  return error.issues.flatMap((issue): Fault[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          pointer: pointerTo(...issue.path.map(String), key),
          detail: `Leave it out; known are ${known.join(', ')}.`,
        }))
      : [{ pointer: pointerTo(...issue.path.map(String)), detail: issue.message }],
  );
}

/** A position as opaque text. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** A schema of cursors: text that `encodeCursor` made of a position of this shape. */
export function cursorOf<Position>(position: z.ZodType<Position>) {
  return z.string().transform((text, context): Position => {
    const parsed = position.safeParse(decode(text));
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'Use a next_cursor that this list gave, as it is.' });
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

/** `limit`: how many items a page has at most. */
export const pageLimit = z
  .string()
  .regex(/^([1-9]|[1-9]\d|100)$/, 'Send a whole number from 1 to 100.')
  .transform(Number)
  .default(50);
