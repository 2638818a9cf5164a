/** Every change of the schema, in order. A migration that was released is never edited; its name decides the order. */
import type { Database } from '../database/database.ts';
import { createResponses } from './0001-responses.ts';

export type MigrationStep = (database: Database) => Promise<void>;

export const migrations: Record<string, MigrationStep> = {
  '0001-responses': createResponses,
};
