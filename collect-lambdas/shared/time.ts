import * as z from 'zod';
import { toInstant } from '../../forms/values/time.ts';

const ADVICE = 'Send a time such as 2026-09-01T06:00:00Z.';

/** Converts a time that a caller sends to UTC with milliseconds, the format of the proxy's times. */
export const time = z.string(ADVICE).transform((text, context) => {
  const instant = toInstant(text);
  if (instant !== undefined) return `${instant.slice(0, 23)}Z`;
  context.addIssue({ code: 'custom', message: ADVICE });
  return z.NEVER;
});
