import type { Generated } from 'kysely';

/** One row for each stored revision of which the topic has not been told. */
export interface ResponseEventsTable {
  id: Generated<number>;
  type: 'flagged' | 'accepted' | 'corrected';
  response_id: string;
  revision: number;
  occurred_at: string;
}

/** An event that the topic refused for good, under the id that it had in the outbox. */
export interface RefusedEventsTable extends Omit<ResponseEventsTable, 'id'> {
  id: number;
  reason: string;
  refused_at: string;
}

export interface OutboxTables {
  response_events: ResponseEventsTable;
  refused_events: RefusedEventsTable;
}
