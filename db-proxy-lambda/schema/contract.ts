/** Operations on the state and the schema of the database. */
import * as z from 'zod';

const migrationName = z.string().regex(/^\d{4}-[a-z0-9-]+$/);

/** Operations that run on a schema that is out of date: deployments call them. */
export const deploymentOperations = {
  /** Returns the newest migration that this version of the proxy knows, and those that the database has. */
  describeSchema: {
    input: z.object({}),
    result: z.object({ known: migrationName, applied: z.array(migrationName) }),
  },
  /** Brings the schema up to date, unless that would break the live version. */
  migrateSchema: {
    input: z.object({ live_schema: migrationName }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('migrated'), applied: z.array(migrationName) }),
      z.object({ outcome: z.literal('refused'), migration: migrationName, needs: migrationName }),
    ]),
  },
} as const;

export const schemaOperations = {
  /** Succeeds if a response could be saved now: the database is up, has this proxy's schema and accepts writes. */
  ping: {
    input: z.object({}),
    result: z.object({ database: z.enum(['mysql', 'sqlite']) }),
  },
  ...deploymentOperations,
} as const;
