import type { Generated } from 'kysely';
import type { PendingEvent } from '../contract.ts';

/** One row per event that is not published yet. */
export interface ResponseEventsTable {
  id: Generated<number>;
  type: PendingEvent['type'];
  response_id: string;
  revision: number;
  occurred_at: string;
  /** 1 if a re-judge wrote the revision, otherwise null. */
  rejudged: number | null;
  /** A review as JSON; null for other events. */
  review: string | null;
  /** 1 once the consumers in the database got it, otherwise null. */
  consumed: number | null;
}

/** A poison event, with its id from the outbox. */
interface RefusedEventsTable extends Omit<ResponseEventsTable, 'id' | 'consumed'> {
  id: number;
  reason: string;
  refused_at: string;
}

export interface OutboxTables {
  response_events: ResponseEventsTable;
  refused_events: RefusedEventsTable;
}
