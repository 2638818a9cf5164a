/** Reads and writes of responses and their revisions. Rows stop here: what leaves is the contract's shapes. */
import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import {
  HISTORY_PAGE_BYTES,
  type IncomingResponse,
  type Input,
  type ListPosition,
  type StoredRevision,
} from '../contract.ts';
import type { Database } from '../database/database.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { LateRevisionsTable, ResponseRevisionsTable, ResponsesTable, RevisionColumns } from './rows.ts';
import { readSettledKeys } from './settled.ts';

/** What is needed to decide what an incoming revision is to a stored one. */
export type CurrentState = Pick<
  RevisionColumns,
  'form_id' | 'user_id' | 'revision' | 'status' | 'last_modified' | 'last_modified_time' | 'content_hash'
> & { flags: string };

/** A revision about to be written. */
export interface NewRevision {
  incoming: IncomingResponse;
  revision: number;
}

/**
 * Rows a statement. Measured on MariaDB, two cores: 500-row statements store 16,000 to 17,000 responses a second, one
 * JSON parameter unpacked by JSON_TABLE 8,000 to 8,600; larger statements gain nothing.
 */
const ROWS_PER_STATEMENT = 500;

/** Max ids per lookup; longer IN lists cause full scans that lock every row. */
const IDS_PER_LOOKUP = 100;

const revisionColumns = [
  'response_id',
  'form_id',
  'form_version',
  'user_id',
  'status',
  'revision',
  'last_modified',
  'last_modified_time',
  'content_hash',
  'flags',
  'response',
] as const;

/** The states that are stored under these ids, locked until the transaction ends. */
export async function lockCurrentStates(
  trx: Transaction<Schema>,
  kind: 'mysql' | 'sqlite',
  responseIds: readonly string[],
): Promise<Map<string, CurrentState>> {
  // Sorted, so that two batches that share responses take their locks in the same order.
  const ids = [...new Set(responseIds)].toSorted();
  const states = new Map<string, CurrentState>();
  for (let start = 0; start < ids.length; start += IDS_PER_LOOKUP) {
    const rows = await trx
      .selectFrom('responses')
      .select(['response_id', 'form_id', 'user_id', 'revision', 'status', 'last_modified', 'last_modified_time'])
      .select(['content_hash', 'flags'])
      .where('response_id', 'in', ids.slice(start, start + IDS_PER_LOOKUP))
      .$if(kind === 'mysql', (query) => query.forUpdate())
      .execute();
    for (const { response_id: responseId, ...state } of rows) states.set(responseId, state);
  }
  return states;
}

/** Inserts responses that are not stored yet; a stored id is the driver's duplicate-key error. */
export async function insertResponses(
  db: Kysely<Schema>,
  revisions: readonly NewRevision[],
  now: string,
): Promise<void> {
  for (let start = 0; start < revisions.length; start += ROWS_PER_STATEMENT) {
    const rows = revisions.slice(start, start + ROWS_PER_STATEMENT);
    const values: unknown[] = [];
    for (const each of rows) {
      const columns = toColumns(each);
      for (const column of revisionColumns) values.push(columns[column]);
      values.push(now, now);
    }
    await db.executeQuery(CompiledQuery.raw(insertStatement(rows.length), values));
  }
}

/** Moves the stored revision of a response into the history and puts the new one in its place. */
export async function replaceRevision(trx: Transaction<Schema>, next: NewRevision, now: string): Promise<void> {
  const { response_id: responseId, ...columns } = toColumns(next);
  await trx
    .insertInto('response_revisions')
    .columns([...revisionColumns, 'saved_at'])
    .expression(
      trx
        .selectFrom('responses')
        .select([...revisionColumns, 'updated_at'])
        .where('response_id', '=', responseId),
    )
    .execute();
  await trx
    .updateTable('responses')
    .set({ ...columns, updated_at: now })
    .where('response_id', '=', responseId)
    .execute();
}

/** Sorts after every timestamp, so that older releases reject updates of a tombstone. */
const AFTER_ALL = '9999-12-31T23:59:59.999999999Z';

/** Puts a tombstone in the place of a locked response and of its history. No content has its hash. */
export async function eraseAnswers(
  trx: Transaction<Schema>,
  responseId: string,
  revision: number,
  now: string,
): Promise<void> {
  const nothing = { flags: '[]', response: '{}', content_hash: '', last_modified: AFTER_ALL };
  await trx
    .updateTable('responses')
    .set({ status: 'erased', revision, ...nothing, updated_at: now })
    .where('response_id', '=', responseId)
    .execute();
  for (const table of ['response_revisions', 'late_revisions'] as const) {
    await trx.deleteFrom(table).where('response_id', '=', responseId).execute();
  }
}

export async function findResponse(db: Kysely<Schema>, responseId: string): Promise<StoredRevision | undefined> {
  const row = await db.selectFrom('responses').selectAll().where('response_id', '=', responseId).executeTakeFirst();
  return row && toStored({ ...row, saved_at: row.updated_at });
}

/** A page of last revisions, cut by rows and by bytes. See the contract for the two orders. */
export async function listResponses(
  database: Database,
  input: Input<'listResponses'>,
): Promise<{ items: StoredRevision[]; next: ListPosition | null }> {
  const { form_id: formId, status, user_id: userId, updated_since: since, after, limit } = input;
  const matching = (db: Kysely<Schema>) => {
    let query = db.selectFrom('responses');
    if (formId !== undefined) query = query.where('form_id', '=', formId);
    if (status !== undefined) query = query.where('status', '=', status);
    if (userId !== undefined) query = query.where('user_id', '=', userId);
    return query;
  };
  const keysOf = (db: Kysely<Schema>) => {
    let query = matching(db)
      .select(['id', 'updated_at'])
      .limit(limit + 1);
    if (since === undefined) {
      if (after !== undefined) query = query.where('id', '>', after.id);
    } else {
      query = query.where('updated_at', '>=', since).orderBy('updated_at');
      const at = after?.updated_at;
      if (after !== undefined && at !== undefined) {
        query = query
          .where('updated_at', '>=', at)
          .where((is) => is.or([is('updated_at', '>', at), is('id', '>', after.id)]));
      }
    }
    return query.orderBy('id').execute();
  };
  const keys = since === undefined ? await keysOf(database.db) : await readSettledKeys(database, keysOf);
  const newest = keys.at(-1)?.updated_at ?? '';
  const { page, last, more } = await readByKeys(keys, limit, {
    read: (some) =>
      matching(database.db)
        .selectAll()
        .where(
          'id',
          'in',
          some.map((key) => key.id),
        )
        // What has changed since comes again, in its new place.
        .$if(since !== undefined, (query) => query.where('updated_at', '<=', newest))
        .execute(),
    nameOf: (row) => row.id,
    bytesOf,
    most: HISTORY_PAGE_BYTES,
  });
  return {
    items: page.map((row) => toStored({ ...row, saved_at: row.updated_at })),
    // The position as it was sorted.
    next: more && last ? { id: last.id, ...(since !== undefined && { updated_at: last.updated_at }) } : null,
  };
}

/** The revisions of a response after a given one, oldest first; the stored last one is the last of them. */
export async function listRevisions(
  db: Kysely<Schema>,
  responseId: string,
  afterRevision: number,
): Promise<{ items: StoredRevision[]; complete: boolean }> {
  const keysIn = (table: 'responses' | 'response_revisions') =>
    db
      .selectFrom(table)
      .select('revision')
      .where('response_id', '=', responseId)
      .where('revision', '>', afterRevision)
      .orderBy('revision')
      .limit(ROWS_PER_STATEMENT + 1)
      .execute();
  // In this order throughout: a revision that is replaced in between is then found at its new place.
  const [current, replaced] = [await keysIn('responses'), await keysIn('response_revisions')];
  const revisions = new Set([...replaced, ...current].map((row) => row.revision));
  const { page, more } = await readByKeys([...revisions], ROWS_PER_STATEMENT, {
    read: (some) => findRevisions(db, responseId, some),
    nameOf: (row) => (typeof row === 'number' ? row : row.revision),
    bytesOf,
    most: HISTORY_PAGE_BYTES,
  });
  return { items: page.map(toStored), complete: !more };
}

async function findRevisions(
  db: Kysely<Schema>,
  responseId: string,
  revisions: readonly number[],
): Promise<ResponseRevisionsTable[]> {
  const current = await db
    .selectFrom('responses')
    .select([...revisionColumns, 'updated_at as saved_at'])
    .where('response_id', '=', responseId)
    .where('revision', 'in', revisions)
    .execute();
  const replaced = await db
    .selectFrom('response_revisions')
    .select([...revisionColumns, 'saved_at'])
    .where('response_id', '=', responseId)
    .where('revision', 'in', revisions)
    .execute();
  return [...current, ...replaced];
}

/**
 * The statement that inserts so many rows. Building it from 6,500 single values, as the query builder does, costs more
 * than the driver's own work on them.
 */
function insertStatement(rows: number): string {
  const columns = [...revisionColumns, 'created_at', 'updated_at'];
  const places = `(${columns.map(() => '?').join(', ')})`;
  return `insert into responses (${columns.join(', ')}) values ${Array.from({ length: rows }, () => places).join(', ')}`;
}

export function bytesOf(row: Pick<ResponsesTable, 'response' | 'flags'>): number {
  return Buffer.byteLength(row.response) + Buffer.byteLength(row.flags);
}

function toColumns({ incoming, revision }: NewRevision): RevisionColumns {
  return { ...contentColumns(incoming), revision };
}

/** What a state of a response is, whichever place it takes. */
export function contentColumns(
  incoming: IncomingResponse,
): Omit<RevisionColumns, 'revision' | 'status'> & Pick<LateRevisionsTable, 'status'> {
  return {
    response_id: incoming.response_id,
    form_id: incoming.form_id,
    form_version: incoming.form_version,
    user_id: incoming.user_id,
    status: incoming.status,
    last_modified: incoming.last_modified,
    last_modified_time: incoming.last_modified_time,
    content_hash: incoming.content_hash,
    flags: JSON.stringify(incoming.flags),
    response: JSON.stringify(incoming.response),
  };
}

function toStored(row: ResponseRevisionsTable): StoredRevision {
  return {
    response_id: row.response_id,
    form_id: row.form_id,
    form_version: row.form_version,
    user_id: row.user_id,
    status: row.status,
    revision: row.revision,
    flags: JSON.parse(row.flags),
    response: JSON.parse(row.response),
    saved_at: row.saved_at,
  };
}
