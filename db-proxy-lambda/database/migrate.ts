import { Migrator, type Migration } from 'kysely/migration';
import type { Database } from './database.ts';
import { migrations } from '../migrations/index.ts';

/**
 * Brings the schema up to date. Safe to call from any number of cold starts at once: one migrates under the
 * database's lock, the others wait for it and find nothing left to do.
 *
 * @throws whatever the driver threw; steps that were done stay done, and every step can be run again.
 */
export async function migrate(database: Database): Promise<void> {
  const provider: Record<string, Migration> = Object.fromEntries(
    Object.entries(migrations).map(([name, up]) => [name, { up: (db) => up({ ...database, db }) }]),
  );
  const migrator = new Migrator({
    db: database.db,
    provider: { getMigrations: () => Promise.resolve(provider) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
