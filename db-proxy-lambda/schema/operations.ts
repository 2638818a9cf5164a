import { appliedMigrations, migrateForDeployment, newestMigration } from '../database/migrate.ts';
import { seedForms } from '../forms/seed-forms.ts';
import type { OperationHandlers } from '../operation-handler.ts';
import type { schemaOperations } from './contract.ts';
import { tryToWrite } from './queries.ts';

export const schemaHandlers: OperationHandlers<typeof schemaOperations> = {
  ping: async ({ db, kind }) => {
    await tryToWrite(db);
    return { database: kind };
  },

  describeSchema: async (database) => ({
    known: newestMigration(),
    applied: await appliedMigrations(database),
  }),

  migrateSchema: async (database, { live_schema: liveSchema }) => {
    const outcome = await migrateForDeployment(database, liveSchema);
    if (outcome.outcome === 'migrated') await seedForms(database);
    return outcome;
  },
};
