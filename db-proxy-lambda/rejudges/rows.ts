import type { StoredRejudge } from './contract.ts';

/** One row per re-judge. */
export interface RejudgesTable extends StoredRejudge {
  /** Hash of the request while the re-judge is queued or running, then null. */
  active_key: string | null;
  /** The position after the last finished page, as JSON; null before that. */
  position: string | null;
  /** The worker that may write. */
  holder: string | null;
  /** Claims since the last finished page. */
  claims: number;
  /** The time of the request, the last claim or the last finished page. */
  progress_at: string;
}

export interface RejudgeTables {
  rejudges: RejudgesTable;
}
