/**
 * How many responses came in and were not stored as new, by what became of them. Those that were are counted from their
 * events, many in one line (collect-lambdas/publish/): a log line for each would cost more than storing them.
 */
import { publishMetrics } from '../shared/metrics.ts';
import { Problem } from '../shared/problem.ts';

export interface Counts {
  accepted: number;
  flagged: number;
  unchanged: number;
  /** Absent where none is. */
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

/** Does the work for one response, and counts it as rejected when it is refused. A failure on our side is neither. */
export async function countRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem) countResponses({ rejected: 1 });
    throw error;
  }
}
