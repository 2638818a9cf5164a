import { appliedMigrations, newestMigration } from '../database/migrate.ts';
import type { Perform } from './operation.ts';

export const describeSchema: Perform<'describeSchema'> = async (database) => ({
  known: newestMigration(),
  applied: await appliedMigrations(database),
});
