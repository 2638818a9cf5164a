/**
 * A list in the order of change ends at a settled watermark: all writes up to it have ended. A write takes its timestamp
 * before it commits, so a client that had already read past that timestamp would miss the write.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';

/** Max duration of a transaction that writes responses: the proxy's own timeout is shorter. */
export const LONGEST_WRITE_MS = 30_000;

/** The position of a response in the order of change. */
interface ChangeKey {
  id: number;
  updated_at: string;
}

/**
 * Reads the keys of a page in the order of change, up to the first open write. If the last key is younger than `settleMs`,
 * first waits until the key has that age.
 *
 * @param read reads a page's keys in order; called up to three times
 */
export async function readSettledKeys(
  database: Database,
  read: (db: Kysely<Schema>) => Promise<ChangeKey[]>,
): Promise<ChangeKey[]> {
  const asked = new Date();
  const keys = upTo(await read(database.db), asked.toISOString());
  const newest = keys.at(-1)?.updated_at;
  if (newest === undefined) return [];
  const age = asked.getTime() - Date.parse(newest);
  if (age > LONGEST_WRITE_MS) return keys;

  if (age < database.settleMs) await wait(database.settleMs - age);
  const written = upTo(await database.readUncommitted(read), newest);
  const committed = upTo(await read(database.db), written.at(-1)?.updated_at ?? '');
  const isCommitted = new Set(committed.map(nameOf));
  const open = written.find((key) => !isCommitted.has(nameOf(key)));
  // An open write may still add rows with the same time and smaller ids.
  return open === undefined ? committed : committed.filter((key) => key.updated_at < open.updated_at);
}

function upTo(keys: ChangeKey[], time: string): ChangeKey[] {
  return keys.filter((key) => key.updated_at <= time);
}

function nameOf(key: ChangeKey): string {
  return `${key.id} ${key.updated_at}`;
}
