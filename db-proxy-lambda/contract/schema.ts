/** The schema itself, for deployments alone. */
import * as z from 'zod';

const migrationName = z.string().regex(/^\d{4}-[a-z0-9-]+$/);

export const schemaOperations = {
  /** Which schema does this version of the proxy know, and which does the database have? */
  describeSchema: {
    input: z.object({}),
    result: z.object({ known: migrationName, applied: z.array(migrationName) }),
  },
  /** Brings the schema up to date, unless that would break the version in service. */
  migrateSchema: {
    input: z.object({ live_schema: migrationName }),
    result: z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('migrated'), applied: z.array(migrationName) }),
      z.object({ outcome: z.literal('refused'), migration: migrationName, needs: migrationName }),
    ]),
  },
} as const;
