/** `/_control`: how other processes switch failures on and see what was asked. It is no part of Google's API. */
import * as z from 'zod';
import { faultSchema } from './faults.ts';
import type { Fault, Faults } from './faults.ts';
import type { Quota } from './quota.ts';

const controlSchema = z.strictObject({
  /** Ends the faults that are active, before others begin. */
  clear: z.boolean().default(false),
  fail: z.union([faultSchema, z.array(faultSchema)]).default([]),
  /** Whether 60 reads and 60 writes a minute are enforced. */
  quota: z.boolean().optional(),
});

export interface ControlState {
  faults: Fault[];
  quota: boolean;
}

/**
 * Does what a control request says.
 * @returns the faults and the quota from now on.
 * @throws SyntaxError or ZodError when the text is no control request.
 */
export function control(text: string, faults: Faults, quota: Quota): ControlState {
  const { clear, fail, quota: isEnforced } = controlSchema.parse(JSON.parse(text));
  if (clear) faults.clear();
  for (const fault of [fail].flat()) faults.fail(fault);
  if (isEnforced !== undefined) quota.isEnforced = isEnforced;
  return { faults: faults.active, quota: quota.isEnforced };
}
