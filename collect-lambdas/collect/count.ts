/** How many responses came in, by what became of them. */
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

export function countResponses({
  accepted = 0,
  flagged = 0,
  unchanged = 0,
  queued = 0,
  rejected = 0,
}: Partial<Counts>): void {
  publishMetrics({
    ResponsesAccepted: accepted,
    ResponsesFlagged: flagged,
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
