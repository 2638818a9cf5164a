import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import type { ExportBound } from '../contract.ts';
import type { Database } from '../database/database.ts';
import type { Schema } from '../database/schema.ts';
import { LONGEST_WRITE_MS } from '../responses/settled.ts';

/** How far the clock of another proxy may be ahead. */
const CLOCK_MARGIN_MS = 1_000;

/**
 * The present moment, after all writes up to it have ended. If one committed while the export runs, the sheet would have
 * rows that its CSV lacks: ids and times are taken before they are committed.
 *
 * A write has its first row `settleMs` after its time; the locking read then waits until it ends.
 */
export async function settledBound(
  { tableBy, settleMs }: Database,
  trx: Transaction<Schema>,
  formVersion: number,
): Promise<ExportBound> {
  const bound = await currentBound(trx, formVersion);
  await wait(settleMs);
  const at = Date.parse(bound.at);
  await trx
    .selectFrom(tableBy('responses', 'responses_by_change'))
    .select((is) => is.fn.countAll().as('count'))
    .where('updated_at', '>=', new Date(at - LONGEST_WRITE_MS).toISOString())
    .where('updated_at', '<=', new Date(at + CLOCK_MARGIN_MS).toISOString())
    .forShare()
    .execute();
  return bound;
}

/** The present moment: responses up to the last id, in their present state. */
export async function currentBound(db: Kysely<Schema>, formVersion: number): Promise<ExportBound> {
  const { id } = await db
    .selectFrom('responses')
    .select((is) => is.fn.max('id').as('id'))
    .executeTakeFirstOrThrow();
  return { max_id: id ?? 0, at: new Date().toISOString(), form_version: formVersion };
}
