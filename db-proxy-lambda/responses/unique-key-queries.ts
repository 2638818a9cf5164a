/**
 * Unique keys: hashes of answers that must be unique. A key has a row for each response that has its answers, with
 * places from 1 in the order in which they took the key. Every change of a key first locks the row with place 1 or
 * inserts it, so changes of one key happen one after the other. Callers lock the responses first.
 */
import { hash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Flag } from '../../forms/compiled/flags.ts';
import { flagNaming } from '../../forms/compiled/unique.ts';
import type { IncomingResponse } from '../contract.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Schema } from '../database/schema.ts';

/** A response and the unique keys that it claims. */
type Claims = Pick<IncomingResponse, 'response_id' | 'form_id' | 'unique'>;

/** The locked keys of some responses. */
export interface UniqueKeys {
  /** By response, the hashes of the keys that it has. */
  readonly held: Map<string, ReadonlySet<string>>;
  /** The hashes of the keys that some response has. */
  readonly taken: Set<string>;
}

/** The rows of these responses if no other response has their answers. */
function firstRows(responses: readonly Claims[]) {
  return responses.flatMap(({ response_id, form_id, unique = [] }) =>
    unique.map((key) => {
      const keyHash = hash('sha256', `${form_id} ${key.hash}`);
      return { key, row: { key_hash: keyHash, place: 1, response_id, submitted_at: key.at } };
    }),
  );
}

/**
 * Inserts the keys of responses that are not stored yet.
 *
 * @throws the driver's duplicate-key error if another response has one of the keys, stored or among `responses`
 */
export async function insertFirstKeys(db: Kysely<Schema>, responses: readonly Claims[]): Promise<void> {
  // Sorted, so that batches that share keys insert them in the same order.
  const rows = firstRows(responses).map(({ row }) => row);
  rows.sort((one, other) => (one.key_hash < other.key_hash ? -1 : 1));
  for (const some of inChunks(rows, ROWS_PER_STATEMENT)) await db.insertInto('unique_keys').values(some).execute();
}

/** Locks the keys that these responses have and those that they claim, until the transaction ends. */
export async function lockUniqueKeys(trx: Transaction<Schema>, responses: readonly Claims[]): Promise<UniqueKeys> {
  const held = new Map<string, Set<string>>();
  for (const ids of inChunks([...new Set(responses.map((each) => each.response_id))], IDS_PER_LOOKUP)) {
    const rows = await trx
      .selectFrom('unique_keys')
      .select(['response_id', 'key_hash'])
      .where('response_id', 'in', ids)
      .execute();
    for (const { response_id: id, key_hash: keyHash } of rows) held.set(id, (held.get(id) ?? new Set()).add(keyHash));
  }
  const claimed = firstRows(responses).map(({ row }) => row.key_hash);
  const hashes = [...new Set([...claimed, ...[...held.values()].flatMap((keys) => [...keys])])];
  const taken = new Set<string>();
  // Sorted, so that two batches lock their keys in the same order.
  for (const some of inChunks(hashes.toSorted(), IDS_PER_LOOKUP)) {
    const heads = await trx
      .selectFrom('unique_keys')
      .select('key_hash')
      .where('key_hash', 'in', some)
      .where('place', '=', 1)
      .forUpdate()
      .execute();
    for (const { key_hash: keyHash } of heads) taken.add(keyHash);
  }
  return { held, taken };
}

/**
 * Replaces the keys of a response by those of its current answers. An unchanged key keeps its place.
 *
 * @param keys locked together with this response; updated
 * @returns a flag for each key that another response took earlier
 */
export async function claimUniqueKeys(trx: Transaction<Schema>, keys: UniqueKeys, claims: Claims): Promise<Flag[]> {
  const { response_id: id } = claims;
  const wanted = firstRows([claims]);
  const had = keys.held.get(id) ?? new Set();
  const has = new Set(wanted.map(({ row }) => row.key_hash));
  for (const keyHash of had.difference(has)) await release(trx, keys, keyHash, id);
  keys.held.set(id, has);

  const flags: Flag[] = [];
  for (const { key, row } of wanted) {
    if (!keys.taken.has(row.key_hash)) {
      await trx.insertInto('unique_keys').values(row).execute();
      keys.taken.add(row.key_hash);
      continue;
    }
    const place = had.has(row.key_hash) ? await keepPlace(trx, row) : await takeNextPlace(trx, row);
    const other = await findBefore(trx, { ...row, place }, key.within);
    if (other !== undefined) flags.push(flagNaming(key, other));
  }
  return flags;
}

/** Deletes the keys of these responses. */
export async function releaseUniqueKeys(trx: Transaction<Schema>, responseIds: readonly string[]): Promise<void> {
  const responses = responseIds.map((id) => ({ response_id: id, form_id: '' }));
  const keys = await lockUniqueKeys(trx, responses);
  for (const [id, hashes] of keys.held) {
    for (const keyHash of hashes) await release(trx, keys, keyHash, id);
  }
}

type Row = ReturnType<typeof firstRows>[number]['row'];

async function keepPlace(trx: Transaction<Schema>, { key_hash, response_id, submitted_at }: Row): Promise<number> {
  await trx
    .updateTable('unique_keys')
    .set({ submitted_at })
    .where('key_hash', '=', key_hash)
    .where('response_id', '=', response_id)
    .execute();
  const { place } = await trx
    .selectFrom('unique_keys')
    .select('place')
    .where('key_hash', '=', key_hash)
    .where('response_id', '=', response_id)
    .executeTakeFirstOrThrow();
  return place;
}

async function takeNextPlace(trx: Transaction<Schema>, row: Row): Promise<number> {
  const { last } = await trx
    .selectFrom('unique_keys')
    .select(({ fn }) => fn.max('place').as('last'))
    .where('key_hash', '=', row.key_hash)
    .executeTakeFirstOrThrow();
  const place = last + 1;
  await trx
    .insertInto('unique_keys')
    .values({ ...row, place })
    .execute();
  return place;
}

/** The response with the earliest submitted time among those that took the key earlier. */
async function findBefore(
  trx: Transaction<Schema>,
  { key_hash, place }: Row,
  within: { from: string; to: string } | undefined,
): Promise<string | undefined> {
  let query = trx
    .selectFrom('unique_keys')
    .select('response_id')
    .where('key_hash', '=', key_hash)
    .where('place', '<', place);
  if (within !== undefined) {
    query = query.where('submitted_at', '>=', within.from).where('submitted_at', '<=', within.to);
  }
  const other = await query.orderBy('submitted_at').orderBy('place').limit(1).executeTakeFirst();
  return other?.response_id;
}

async function release(
  trx: Transaction<Schema>,
  { taken }: UniqueKeys,
  keyHash: string,
  responseId: string,
): Promise<void> {
  await trx.deleteFrom('unique_keys').where('key_hash', '=', keyHash).where('response_id', '=', responseId).execute();
  const first = await trx
    .selectFrom('unique_keys')
    .select('place')
    .where('key_hash', '=', keyHash)
    .orderBy('place')
    .limit(1)
    .executeTakeFirst();
  if (first === undefined) taken.delete(keyHash);
  else if (first.place !== 1) {
    await trx
      .updateTable('unique_keys')
      .set({ place: 1 })
      .where('key_hash', '=', keyHash)
      .where('place', '=', first.place)
      .execute();
  }
}
