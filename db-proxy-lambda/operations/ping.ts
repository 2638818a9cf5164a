import { sql } from 'kysely';
import type { Perform } from './operation.ts';

export const ping: Perform<'ping'> = async ({ db, kind }) => {
  await sql`select 1`.execute(db);
  return { database: kind };
};
