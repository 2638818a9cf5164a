import type { Database } from './database/database.ts';
import { connectInAws } from './database/connect-in-aws.ts';
import { appliedMigrations, migrate, newestMigration } from './database/migrate.ts';
import { openDatabase } from './database/open-database.ts';
import { createLogger, type Logger } from './logger.ts';
import { seedForms } from './forms/seed-forms.ts';

export interface Dependencies {
  /** The database, even if its schema is out of date. */
  connection: () => Database;
  /** The database, with its schema up to date. Call it on each request: it retries a failed start. */
  database: () => Promise<Database>;
  logger: Logger;
}

/**
 * The real dependencies. The database (`DATABASE_URL` or `DB_HOST`) is opened once per Lambda execution environment, at the
 * first request. `DATABASE_CA` holds the certificates (PEM) of the authorities that a connection to `DATABASE_URL` trusts,
 * instead of those that tls.ts chooses.
 *
 * In AWS the deployment migrates the schema (pre-traffic/); a cold start migrates only an empty database. With
 * `DATABASE_URL` a cold start migrates whenever the schema is out of date.
 *
 * @throws {Error} when the variables are missing or malformed
 */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const { DATABASE_URL = '', DATABASE_CA = '', DB_HOST = '' } = environment;
  const isDeployed = DATABASE_URL === '' && DB_HOST !== '';
  const database = isDeployed ? connectInAws(environment) : openDatabase(DATABASE_URL, DATABASE_CA);
  let ready: Promise<Database> | undefined;
  return {
    connection: () => database,
    database: () => {
      ready ??= prepare(database, isDeployed).catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
      return ready;
    },
    logger: createLogger(),
  };
}

/**
 * Brings the schema up to date. In a deployment, only checks it, unless the database is empty. A schema older than this
 * version is a transient error: queued responses wait for the migration.
 *
 * @throws {DatabaseStartError}
 */
export async function prepare(database: Database, isDeployed: boolean): Promise<Database> {
  try {
    const applied = isDeployed ? await appliedMigrations(database) : [];
    if (applied.includes(newestMigration())) return database;
    if (applied.length === 0) {
      await migrate(database);
      await seedForms(database);
      return database;
    }
  } catch (error) {
    throw new DatabaseStartError(database.errorKind(error), error);
  }
  const cause = new Error('The schema is older than this version of the db-proxy.');
  throw new DatabaseStartError('DATABASE_UNAVAILABLE', cause);
}

/** The schema could not be brought up to date; `kind` says whether a retry may help. */
export class DatabaseStartError extends Error {
  readonly kind: ReturnType<Database['errorKind']>;
  constructor(kind: ReturnType<Database['errorKind']>, cause: unknown) {
    super('The database could not be prepared.', { cause });
    this.kind = kind;
  }
}
