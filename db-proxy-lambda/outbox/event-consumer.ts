import type { Transaction } from 'kysely';
import type { PendingEvent } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/**
 * Handles events in the database. It must never fail because of an event's content: that event would block all later
 * ones.
 */
export type EventConsumer = (
  trx: Transaction<Schema>,
  events: readonly PendingEvent[],
  now: string,
  database: Database,
) => Promise<void>;
