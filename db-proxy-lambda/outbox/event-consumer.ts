import type { Transaction } from 'kysely';
import type { PendingEvent } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/** Writes what follows from events. It never fails because of an event's content, since no later event would pass it. */
export type EventConsumer = (
  trx: Transaction<Schema>,
  events: readonly PendingEvent[],
  now: string,
  database: Database,
) => Promise<void>;
