/**
 * Counts the responses that are not stored as new revisions: unchanged, queued and rejected. New revisions are counted
 * from their events, many per log line (collect-lambdas/publish/). A log line for each would cost more than storing the
 * revision.
 */
import { publishMetrics } from '../metrics.ts';
import { Problem } from '../problem.ts';

export interface Counts {
  accepted: number;
  flagged: number;
  unchanged: number;
  /** Absent if none is queued. */
  queued?: number;
  rejected: number;
}

export function countResponses({ unchanged = 0, queued = 0, rejected = 0 }: Partial<Counts>): void {
  publishMetrics({
    ResponsesUnchanged: unchanged,
    ResponsesQueued: queued,
    ResponsesRejected: rejected,
  });
}

/**
 * Runs `work` for one response, and counts the response as rejected if it is refused. Internal failures are not
 * counted.
 */
export async function countRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) countResponses({ rejected: 1 });
    throw error;
  }
}
