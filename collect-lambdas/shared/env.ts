import * as z from 'zod';

/**
 * Reads what a function needs of its environment variables.
 *
 * @throws {Error} one that names every missing or malformed variable at once, so that a wrong deployment is mended in
 * one go.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: NodeJS.ProcessEnv,
): z.infer<z.ZodObject<Shape>> {
  const parsed = z.object(shape).safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment of this function is not complete. ${faults.join('; ')}.`);
}
