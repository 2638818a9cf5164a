/** Decides which of two states of a response is current. Pure. */
import type { IncomingResponse, Input, SaveOutcome } from '../contract.ts';
import type { CurrentState } from './queries.ts';

/** The contract's options of a save. */
export type SaveTerms = Omit<Input<'saveResponses'>, 'responses'>;

/**
 * Decides the outcome of an incoming state. The later `last_modified_time` wins, to the nanosecond. States with equal
 * times are the same revision only if their contents are equal. A correction with an earlier form version than the
 * first revision is refused. A late state that would be refused is kept instead; with `keep`, so is every refused state
 * but that of another collector. A closed form takes no new response, unless it is late or `keep` is set. An erased
 * response stays erased.
 */
export function decideOutcome(
  stored: CurrentState | undefined,
  incoming: IncomingResponse,
  { late = false, keep = false }: SaveTerms = {},
): SaveOutcome {
  if (stored === undefined) {
    return incoming.only_correction && !late && !keep ? { outcome: 'closed' } : { outcome: 'created', revision: 1 };
  }
  const { revision, last_modified_time, status } = stored;
  if (status === 'erased') return { outcome: 'erased' };
  const refusal = refusalOf(stored, incoming);
  if (refusal !== undefined) {
    const current = { revision, last_modified_time, status };
    if (late || (keep && refusal !== 'other_collector')) return { outcome: 'kept', current };
    if (refusal !== 'other_collector') return { outcome: refusal, current };
    return { outcome: refusal, ...(stored.assignee !== null && { reassigned: true as const }) };
  }
  return stored.content_hash === incoming.content_hash
    ? { outcome: 'unchanged', revision, status, flags: JSON.parse(stored.flags) }
    : { outcome: 'updated', revision: revision + 1 };
}

type Refusal = 'other_collector' | 'other_form' | 'stale' | 'conflict' | 'older_version';

function refusalOf(stored: CurrentState, incoming: IncomingResponse): Refusal | undefined {
  if (incoming.only_of !== undefined && stored.user_id !== incoming.only_of) return 'other_collector';
  if (stored.form_id !== incoming.form_id) return 'other_form';
  if (stored.content_hash === incoming.content_hash) return undefined;
  if (incoming.last_modified < stored.last_modified) return 'stale';
  if (incoming.last_modified === stored.last_modified) return 'conflict';
  const { first_declared: first } = stored;
  return incoming.version_declared && first !== null && incoming.form_version < first ? 'older_version' : undefined;
}

/** Whether a state is not final: it has flags, or a manager returned or rejected it. */
export function isOpen({ status, flags }: Pick<CurrentState, 'status' | 'flags'>): boolean {
  return flags !== '[]' || status === 'returned' || status === 'rejected';
}

/** Whether a manager closed the response: only a new revision changes that. */
export function isDecided(status: CurrentState['status']): boolean {
  return status === 'approved' || status === 'rejected';
}

/** Whether a manager's review set the status. */
export function isReviewed(status: CurrentState['status']): boolean {
  return isDecided(status) || status === 'returned';
}
