import { migrateForDeployment } from '../database/migrate.ts';
import { seedForms } from '../seed-forms.ts';
import type { Perform } from './operation.ts';

export const migrateSchema: Perform<'migrateSchema'> = async (database, { live_schema: liveSchema }) => {
  const outcome = await migrateForDeployment(database, liveSchema);
  if (outcome.outcome === 'migrated') await seedForms(database);
  return outcome;
};
