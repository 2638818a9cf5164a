/** Operations on re-judges: each checks the stored responses of a form again, by the rules of one version. */
import * as z from 'zod';
import { by } from '../audit/contract.ts';
import { flag, listPosition, uniqueKey } from '../responses/contract.ts';
import { storedForm } from '../forms/contract.ts';
import { count, formId, holder, id, serverTime } from '../values.ts';

const rejudgeId = z.uuid();

const storedRejudge = z.object({
  rejudge_id: rejudgeId,
  form_id: formId,
  /** The newest version of the form when the re-judge was requested. Its rules are applied. */
  rules_version: z.int().min(1),
  /** Only responses saved at or after this time; null for all. */
  since: serverTime.nullable(),
  status: z.enum(['queued', 'running', 'succeeded', 'failed']),
  /** The responses to check: an estimate from the start of the run; null before that. */
  responses_total: count.nullable(),
  /** The responses checked so far. */
  checked: count,
  /** The responses whose flags have changed. */
  changed: count,
  error: z.string().nullable(),
  created_at: serverTime,
  started_at: serverTime.nullable(),
  finished_at: serverTime.nullable(),
});

export const rejudgeOperations = {
  /**
   * Queues a re-judge by the newest version of a form; null if there is no such form. A duplicate request returns the
   * re-judge already queued or running. Requests for different versions or times are different.
   */
  requestRejudge: {
    input: z.object({ rejudge_id: rejudgeId, form_id: formId, since: serverTime.optional(), by: by.optional() }),
    result: z.object({ rejudge: storedRejudge.nullable() }),
  },
  getRejudge: {
    input: z.object({ rejudge_id: rejudgeId }),
    result: z.object({ rejudge: storedRejudge.nullable() }),
  },
  /**
   * Gives a re-judge to a holder, who continues after the last finished page (`after`). The previous holder loses it:
   * that holder's judgements are refused from then on.
   */
  claimRejudge: {
    input: z.object({ rejudge_id: rejudgeId, holder }),
    result: z.discriminatedUnion('claim', [
      z.object({
        claim: z.literal('granted'),
        rejudge: storedRejudge.extend({ started_at: serverTime }),
        form: storedForm,
        after: listPosition.nullable(),
      }),
      z.object({ claim: z.enum(['finished', 'unknown']) }),
    ]),
  },
  /**
   * Writes the flags of judged responses, and adds the flags of duplicates, in one transaction. A response whose flags
   * change gets a new revision with the same answers, and an event in the outbox. A response stays unchanged if its
   * last revision is not the judged one.
   *
   * The last call of a page has `page`: the number of responses checked so far, and the position after which the next
   * page starts, or null if the re-judge is finished. `held` is false when another holder has taken over, or for a
   * retry of the last call.
   */
  saveJudgements: {
    input: z.object({
      rejudge_id: rejudgeId,
      holder,
      judgements: z
        .array(
          z.object({
            response_id: id,
            revision: z.int().min(1),
            flags: z.array(flag),
            unique: z.array(uniqueKey).optional(),
          }),
        )
        .max(1_000),
      page: z.object({ checked: count, next: listPosition.nullable() }).optional(),
    }),
    result: z.object({ held: z.boolean() }),
  },
  /** Unfinished re-judges without progress since before this time. */
  listStalledRejudges: {
    input: z.object({ idle_since: serverTime }),
    result: z.object({ rejudge_ids: z.array(rejudgeId) }),
  },
} as const;

export type StoredRejudge = z.infer<typeof storedRejudge>;
