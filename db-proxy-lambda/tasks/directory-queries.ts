/** The collections that tasks refer to: companies, people and task statuses. */
import type { Kysely, Transaction } from 'kysely';
import type { Collection, Input } from '../contract.ts';
import type { DirectoryEntry } from './directory-contract.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Schema } from '../database/schema.ts';

type UniqueMember = 'name' | 'email' | 'user_id';

interface Differences {
  members: readonly (keyof DirectoryEntry)[];
  unique: readonly UniqueMember[];
  /** The column of tasks that refers to an entry. */
  referredBy: 'company_id' | 'owner_id' | 'status_id';
}

const NAMED = ['id', 'name', 'created_at', 'updated_at'] as const;

/** How the collections differ. */
const COLLECTIONS: Record<Collection, Differences> = {
  companies: { members: NAMED, unique: ['name'], referredBy: 'company_id' },
  people: { members: [...NAMED, 'email', 'user_id'], unique: ['email', 'user_id'], referredBy: 'owner_id' },
  task_statuses: { members: NAMED, unique: ['name'], referredBy: 'status_id' },
};

type Values = Input<'createDirectoryEntry'>['values'];
type NewEntry = Values & { creation_key: string };
type Changes = Input<'updateDirectoryEntry'>['changes'];

export async function listEntries(
  db: Kysely<Schema>,
  { collection, filter, sort, offset, limit }: Input<'listDirectory'>,
): Promise<{ items: DirectoryEntry[]; total: number }> {
  let matching = db.selectFrom(collection);
  if (filter.name !== undefined) matching = matching.where('name', '=', filter.name);
  if (filter.email !== undefined) matching = matching.where('email', '=', filter.email);
  if (filter.user_id !== undefined) matching = matching.where('user_id', '=', filter.user_id);
  const { total } = await matching.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const items = await matching
    .select(COLLECTIONS[collection].members)
    .orderBy(sort.column, sort.descending ? 'desc' : 'asc')
    .orderBy('id')
    .offset(offset)
    .limit(limit)
    .execute();
  return { items, total: Number(total) };
}

function entriesOf(db: Kysely<Schema>, collection: Collection) {
  return db.selectFrom(collection).select(COLLECTIONS[collection].members);
}

export function findEntry(db: Kysely<Schema>, collection: Collection, id: number) {
  return entriesOf(db, collection).where('id', '=', id).executeTakeFirst();
}

/** The entry that was created with this key. */
export function findCreatedEntry(db: Kysely<Schema>, collection: Collection, key: string) {
  return entriesOf(db, collection).where('creation_key', '=', key).executeTakeFirst();
}

/**
 * Locks an entry or a task until the transaction ends, and returns whether it exists. With `share`, other transactions may
 * meanwhile insert tasks that refer to the entry.
 */
export async function lockEntry(
  trx: Transaction<Schema>,
  collection: Collection | 'tasks',
  id: number,
  lock: 'update' | 'share' = 'update',
): Promise<boolean> {
  const query = trx.selectFrom(collection).select('id').where('id', '=', id);
  return (await (lock === 'share' ? query.forShare() : query.forUpdate()).executeTakeFirst()) !== undefined;
}

/** The unique members of `values` that another entry has, and that entry's id. */
export async function findTaken(
  db: Kysely<Schema>,
  collection: Collection,
  values: Changes,
  exceptId = 0,
): Promise<{ member: UniqueMember; id: number }[]> {
  const found: { member: UniqueMember; id: number }[] = [];
  for (const member of COLLECTIONS[collection].unique) {
    const value = values[member];
    if (value === undefined || value === null) continue;
    const other = await db
      .selectFrom(collection)
      .select('id')
      .where(member, '=', value)
      .where('id', '!=', exceptId)
      .executeTakeFirst();
    if (other !== undefined) found.push({ member, id: other.id });
  }
  return found;
}

export async function insertEntry(trx: Transaction<Schema>, collection: Collection, values: NewEntry) {
  const now = new Date().toISOString();
  const { insertId } = await trx
    .insertInto(collection)
    .values({ ...values, created_at: now, updated_at: now })
    .executeTakeFirstOrThrow();
  return entriesOf(trx, collection).where('id', '=', Number(insertId)).executeTakeFirstOrThrow();
}

/** Changes an entry, if there are changes, and returns it. */
export async function updateEntry(trx: Transaction<Schema>, collection: Collection, id: number, changes: Changes) {
  if (Object.keys(changes).length > 0) {
    const set = { ...changes, updated_at: new Date().toISOString() };
    await trx.updateTable(collection).set(set).where('id', '=', id).execute();
  }
  return entriesOf(trx, collection).where('id', '=', id).executeTakeFirstOrThrow();
}

/** Deletes an entry or a task, and returns whether it existed. */
export async function deleteEntry(db: Kysely<Schema>, collection: Collection | 'tasks', id: number): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom(collection).where('id', '=', id).executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** The number of tasks that refer to an entry; exact while the entry is locked. */
export async function countReferences(trx: Transaction<Schema>, collection: Collection, id: number): Promise<number> {
  const { count } = await trx
    .selectFrom('tasks')
    .select((eb) => eb.fn.countAll().as('count'))
    .where(COLLECTIONS[collection].referredBy, '=', id)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Finds entries by a unique member and creates the missing ones. If several have the same value, the first is created. All
 * found and created entries are locked until the transaction ends, so that they cannot be deleted.
 *
 * @returns the id of the entry that has a value in `member`
 * @throws the driver's duplicate-key error when another transaction created one of them at the same time
 */
export async function findOrCreate<Member extends UniqueMember>(
  trx: Transaction<Schema>,
  collection: Collection,
  member: Member,
  entries: readonly (Values & Record<Member, string>)[],
): Promise<(value: string) => number> {
  // A Map keeps the last entry of a key, so the entries are reversed.
  const byKey = new Map(entries.toReversed().map((entry): [string, Values] => [entry[member], entry]));
  // Sorted, so that two uploads that share entries lock them in the same order.
  const keys = [...byKey.keys()].toSorted();
  const found = await findIds(trx, collection, member, keys);
  const missing = keys.filter((key) => !found.has(key));
  const now = new Date().toISOString();
  for (const some of inChunks(missing, ROWS_PER_STATEMENT)) {
    const rows = some
      .flatMap((key) => byKey.get(key) ?? [])
      .map((row) => ({ ...row, created_at: now, updated_at: now }));
    await trx.insertInto(collection).values(rows).execute();
  }
  const ids = new Map([...found, ...(await findIds(trx, collection, member, missing))]);
  return (value) => {
    const id = ids.get(value);
    if (id === undefined) throw new Error('An entry that was found or created is missing.');
    return id;
  };
}

async function findIds(
  trx: Transaction<Schema>,
  collection: Collection,
  member: UniqueMember,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const some of inChunks(keys, IDS_PER_LOOKUP)) {
    const rows = await trx
      .selectFrom(collection)
      .select(['id', `${member} as key`])
      .where(member, 'in', some)
      .forShare()
      .execute();
    for (const row of rows) if (row.key !== null) ids.set(row.key, row.id);
  }
  return ids;
}
