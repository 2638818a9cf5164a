import type { Database } from './database/database.ts';
import { migrate } from './database/migrate.ts';
import { openDatabase } from './database/open-database.ts';
import { createLogger, type Logger } from './logger.ts';
import { seedForms } from './seed-forms.ts';

export interface Dependencies {
  /** The database, with its schema up to date. Asked for on each request: a failed start is tried again. */
  database: () => Promise<Database>;
  logger: Logger;
}

/**
 * The real ones. The database of `DATABASE_URL` is opened once per Lambda environment, at the first request.
 *
 * @throws {Error} when `DATABASE_URL` is missing or malformed.
 */
export function createDependencies(environment: NodeJS.ProcessEnv): Dependencies {
  const database = openDatabase(environment['DATABASE_URL'] ?? '');
  let ready: Promise<Database> | undefined;
  return {
    database: () => {
      ready ??= prepare(database).catch((error: unknown) => {
        ready = undefined;
        throw error;
      });
      return ready;
    },
    logger: createLogger(),
  };
}

async function prepare(database: Database): Promise<Database> {
  try {
    await migrate(database);
    await seedForms(database);
    return database;
  } catch (error) {
    throw new DatabaseStartError(database.errorKind(error), error);
  }
}

/** The schema could not be brought up to date; `kind` says whether another try may help. */
export class DatabaseStartError extends Error {
  readonly kind: ReturnType<Database['errorKind']>;
  constructor(kind: ReturnType<Database['errorKind']>, cause: unknown) {
    super('The database could not be prepared.', { cause });
    this.kind = kind;
  }
}
