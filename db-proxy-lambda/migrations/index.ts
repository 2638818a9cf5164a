/** Every change of the schema, in order. A migration that was released is never edited; its name decides the order. */
import type { Database } from '../database/database.ts';
import { createResponses } from './0001-responses.ts';
import { createExports } from './0002-exports.ts';
import { createBirthdays } from './0003-birthdays.ts';
import { createAreaMetrics } from './0004-area-metrics.ts';
import { createTasks } from './0005-tasks.ts';
import { createResponseEvents } from './0006-response-events.ts';

export type MigrationStep = (database: Database) => Promise<void>;

export const migrations: Record<string, MigrationStep> = {
  '0001-responses': createResponses,
  '0002-exports': createExports,
  '0003-birthdays': createBirthdays,
  '0004-area-metrics': createAreaMetrics,
  '0005-tasks': createTasks,
  '0006-response-events': createResponseEvents,
};
