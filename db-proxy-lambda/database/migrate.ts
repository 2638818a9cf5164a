import { sql } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { contractSteps, migrations, type ContractSteps, type MigrationStep } from './migrations/index.ts';
import type { Database } from './database.ts';

export interface Schema {
  migrations: Record<string, MigrationStep>;
  contractSteps: ContractSteps;
}

const current: Schema = { migrations, contractSteps };

type MigrationOutcome =
  { outcome: 'migrated'; applied: string[] } | { outcome: 'refused'; migration: string; needs: string };

/** The last migration that this code knows. */
export function newestMigration(schema: Schema = current): string {
  return Object.keys(schema.migrations).toSorted().at(-1) ?? '';
}

/** The names of the migrations that were applied to a database, in order; none if the database is empty. */
export async function appliedMigrations({ db }: Database): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/**
 * Brings the schema up to date. Concurrent cold starts are safe: one migrates under the database's lock; the others wait and
 * find nothing left to do. A schema that is newer than this code stays unchanged: a later release has expanded it.
 *
 * @throws the driver's error; finished steps stay, and every step is idempotent
 */
export async function migrate(database: Database, schema: Schema = current): Promise<void> {
  const names = Object.keys(schema.migrations);
  const applied = await appliedMigrations(database);
  if (names.every((name) => applied.includes(name))) return;
  const provider: Record<string, Migration> = Object.fromEntries(
    Object.entries(schema.migrations).map(([name, up]) => [name, { up: (db) => up({ ...database, db }) }]),
  );
  const migrator = new Migrator({
    db: database.db,
    provider: { getMigrations: () => Promise.resolve(provider) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/**
 * Brings the schema up to date for a deployment, while the live version still serves. Does nothing if a step would break
 * that version.
 *
 * @param liveSchema the newest migration that the live version knows; names sort in order
 */
export async function migrateForDeployment(
  database: Database,
  liveSchema: string,
  schema: Schema = current,
): Promise<MigrationOutcome> {
  const before = await appliedMigrations(database);
  const open = Object.keys(schema.migrations).filter((name) => !before.includes(name));
  for (const name of open) {
    const step = schema.contractSteps[name];
    if (step !== undefined && before.length > 0 && liveSchema < step.needs) {
      return { outcome: 'refused', migration: name, needs: step.needs };
    }
  }
  await migrate(database, schema);
  return { outcome: 'migrated', applied: open };
}
