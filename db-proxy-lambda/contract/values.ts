/** Shapes that more than one group of operations uses. */
import * as z from 'zod';

export const id = z.string().min(1).max(128);
export const formId = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
export const count = z.int().min(0);
/** Canonical UTC with nine digits of fraction, so that text order is time order (forms/time.ts). */
export const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
/** The proxy's own clock: UTC with milliseconds. */
export const serverTime = z.iso.datetime({ precision: 3 });
