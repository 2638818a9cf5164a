/** The items of a form that contain other items: groups and repeats. */
import * as z from 'zod';
import { LIMITS } from '../values/limits.ts';
import { itemMembers } from './question-type.ts';

const entries = z.int().min(0).max(LIMITS.entries);

/** @param questions the schema of the items inside */
export function sectionSchemas<Q>(questions: z.ZodType<Q>) {
  return {
    group: z.strictObject({ ...itemMembers, type: z.literal('group'), questions }),
    repeat: z
      .strictObject({
        ...itemMembers,
        type: z.literal('repeat'),
        min: entries.optional(),
        max: entries.min(1).optional(),
        questions,
      })
      .refine(({ min = 0, max = LIMITS.entries }) => min <= max, { path: ['max'], error: 'Set max to min or more.' }),
  };
}

/** The answers that each accepts, in words, for its row in docs/forms.md. */
export const SECTIONS = {
  group: 'an object with the answers to its `questions`',
  repeat: 'a list of `min` to `max` entries; each is an object with the answers to its `questions`',
} as const;
