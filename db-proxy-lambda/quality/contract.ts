/** Operations on quality figures: docs/quality.md. */
import * as z from 'zod';
import { calendarDay, count, formId, serverTime } from '../values.ts';

/** What a row of quality figures is about. */
export const QUALITY_KEYS = ['collector', 'rule', 'day', 'form'] as const;

/**
 * The figures of one collector, rule or day, or of the form as a whole. Rates and the median are null if nothing is
 * counted.
 */
export const qualityRow = z.object({
  /** The collector's id, the rule's name, the day of arrival (UTC), or the form's id. */
  key: z.string(),
  /** For a rule: all responses of the period, whether the rule applied to them or not. */
  responses: count,
  /** Responses whose first revision had no flag; for a rule, no flag of this rule. */
  first_passed: count,
  first_pass_rate: z.number().min(0).max(1).nullable(),
  /** Responses that a collector sent with a flag. */
  flagged: count,
  flags: count,
  flags_per_hundred: z.number().min(0).nullable(),
  returned: count,
  corrected: count,
  median_correction_seconds: count.nullable(),
  open: count,
});

export const qualityOperations = {
  /** The quality figures of a form for the responses that arrived on `since` (UTC) or later, sorted by key. */
  readQuality: {
    input: z.object({ form_id: formId, by: z.enum(QUALITY_KEYS), since: calendarDay.optional() }),
    result: z.discriminatedUnion('outcome', [
      z.object({
        outcome: z.literal('found'),
        /** Responses that arrived earlier are not counted. */
        counted_since: serverTime,
        rows: z.array(qualityRow),
      }),
      z.object({ outcome: z.literal('unknown_form') }),
    ]),
  },
} as const;

export type QualityRow = z.infer<typeof qualityRow>;
