/** Which of two states of a response stands. Pure: the rule of the house is here and nowhere else. */
import type { IncomingResponse, SaveOutcome } from '../contract.ts';
import type { CurrentState } from '../database/responses.ts';

/**
 * Decides what an incoming state is to the stored one. `last_modified_time` decides, to the nanosecond; equal times
 * stand for the same revision only if the content is the same.
 */
export function decideOutcome(stored: CurrentState | undefined, incoming: IncomingResponse): SaveOutcome {
  if (stored === undefined) return { outcome: 'created', revision: 1 };
  if (stored.form_id !== incoming.form_id) return { outcome: 'other_form', current: summaryOf(stored) };
  if (stored.content_hash === incoming.content_hash) {
    return {
      outcome: 'unchanged',
      revision: stored.revision,
      status: stored.status,
      flags: JSON.parse(stored.flags),
    };
  }
  if (incoming.last_modified > stored.last_modified) return { outcome: 'updated', revision: stored.revision + 1 };
  return {
    outcome: incoming.last_modified < stored.last_modified ? 'stale' : 'conflict',
    current: summaryOf(stored),
  };
}

function summaryOf(stored: CurrentState) {
  return {
    revision: stored.revision,
    last_modified_time: stored.last_modified_time,
    status: stored.status,
  };
}
