import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type { IncomingResponse, Input, Result, StoredRevision } from '../contract.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import { draftOf } from '../values.ts';
import type { LateRevisionsTable, ResponseRevisionsTable, ResponsesTable, RevisionColumns } from './rows.ts';
import { readSettledKeys } from './settled.ts';

/** The columns that decide whether an incoming revision replaces the stored one. */
export type CurrentState = Pick<
  RevisionColumns,
  'form_id' | 'user_id' | 'revision' | 'status' | 'last_modified' | 'last_modified_time' | 'content_hash' | 'flags'
> &
  Pick<ResponsesTable, 'assignee'> & {
    /** The `form_version` that the first revision itself named; null if it named none. */
    first_declared: number | null;
  };

/** A response to write. `author`: the label of the manager's token that sent a correction. */
export type AuthoredResponse = IncomingResponse & { author?: string };

/** A revision about to be written. */
export interface NewRevision {
  incoming: AuthoredResponse;
  revision: number;
  /** The collector to whom the response was assigned: it stays theirs, whoever sent the revision. */
  assignee?: string | null;
}

/** The columns of a state that lists and exports show. */
export const stateColumns = [
  'response_id',
  'form_id',
  'form_version',
  'rules_version',
  'user_id',
  'status',
  'revision',
  'flags',
  'response',
  'author',
] as const;

const revisionColumns = [
  ...stateColumns,
  'version_declared',
  'last_modified',
  'last_modified_time',
  'content_hash',
] as const;

const movedColumns = revisionColumns.filter((column) => column !== 'user_id');

/** Matches the `form_id` of responses to drafts. */
export const ANY_DRAFT = draftOf('%');

/** The stored states of these responses, locked until the transaction ends. */
export async function lockCurrentStates(
  trx: Transaction<Schema>,
  responseIds: readonly string[],
): Promise<Map<string, CurrentState>> {
  // Sorted, so that two batches that share responses lock them in the same order.
  const ids = [...new Set(responseIds)].toSorted();
  const states = new Map<string, CurrentState>();
  for (const some of inChunks(ids, IDS_PER_LOOKUP)) {
    const rows = await trx
      .selectFrom('responses')
      .select(['response_id', 'form_id', 'user_id', 'revision', 'status', 'last_modified', 'last_modified_time'])
      .select((eb) => [
        'content_hash',
        'flags',
        'assignee',
        eb
          .case()
          .when('responses.revision', '>', 1)
          .then(
            eb
              .selectFrom('response_revisions')
              .select('response_revisions.form_version')
              .whereRef('response_revisions.response_id', '=', 'responses.response_id')
              .where('response_revisions.revision', '=', 1)
              .where('response_revisions.version_declared', '=', 1),
          )
          .when('responses.version_declared', '=', 1)
          .then(eb.ref('responses.form_version'))
          .else(null)
          .end()
          .as('first_declared'),
      ])
      .where('response_id', 'in', some)
      .forUpdate()
      .execute();
    for (const { response_id: responseId, ...state } of rows) states.set(responseId, state);
  }
  return states;
}

/**
 * Inserts responses that are not stored yet.
 *
 * @throws the driver's duplicate-key error when one of them is stored
 */
export async function insertResponses(
  db: Kysely<Schema>,
  revisions: readonly NewRevision[],
  now: string,
): Promise<void> {
  for (const rows of inChunks(revisions, ROWS_PER_STATEMENT)) {
    const values: unknown[] = [];
    for (const { incoming, revision } of rows) {
      const columns = { ...contentColumns(incoming), revision };
      for (const column of revisionColumns) values.push(columns[column]);
      values.push(now, now);
    }
    await db.executeQuery(CompiledQuery.raw(insertStatement(rows.length), values));
  }
}

/**
 * The statement that inserts this many rows. The query builder would build it from 6,500 single values, which takes longer
 * than the driver's own work on them.
 */
function insertStatement(rows: number): string {
  const columns = [...revisionColumns, 'created_at', 'updated_at'];
  const places = `(${columns.map(() => '?').join(', ')})`;
  return `insert into responses (${columns.join(', ')}) values ${Array.from({ length: rows }, () => places).join(', ')}`;
}

/** Moves the stored revision of a response into the history and puts the new one in its place. */
export async function replaceRevision(
  trx: Transaction<Schema>,
  { incoming, revision, assignee }: NewRevision,
  now: string,
): Promise<void> {
  const { response_id: responseId, user_id: sender, ...columns } = contentColumns(incoming);
  const userId = assignee ?? sender;
  const collectedBy = sender === userId ? null : sender;
  const changes = { ...columns, revision, user_id: userId, collected_by: collectedBy };
  await writeNextRevision(trx, responseId, changes, now);
}

/**
 * Moves the stored revision of a response into the history, with the collector and the time of the revision. The new
 * revision gets these columns; the others stay.
 */
export async function writeNextRevision(
  trx: Transaction<Schema>,
  responseId: string,
  columns: Partial<RevisionColumns> & Pick<RevisionColumns, 'revision'> & Partial<Pick<ResponsesTable, 'collected_by'>>,
  now: string,
): Promise<void> {
  await trx
    .insertInto('response_revisions')
    .columns([...movedColumns, 'user_id', 'saved_at'])
    .expression(
      trx
        .selectFrom('responses')
        .select(movedColumns)
        .select((eb) => [
          eb.fn.coalesce('collected_by', 'user_id').as('user_id'),
          eb.fn.coalesce('revised_at', 'updated_at').as('saved_at'),
        ])
        .where('response_id', '=', responseId),
    )
    .execute();
  await trx
    .updateTable('responses')
    .set({ ...columns, revised_at: null, updated_at: now })
    .where('response_id', '=', responseId)
    .execute();
}

export async function findResponse(db: Kysely<Schema>, responseId: string): Promise<StoredRevision | undefined> {
  const row = await db
    .selectFrom('responses')
    .select([...stateColumns, 'updated_at as saved_at'])
    .where('response_id', '=', responseId)
    .executeTakeFirst();
  return row && toStored(row);
}

/** A page of last revisions, cut by rows and by bytes. See the contract for the two orders. */
export async function listResponses(
  database: Database,
  input: Input<'listResponses'>,
): Promise<Result<'listResponses'>> {
  const { form_id: formId, status, user_id: userId, updated_since: since, after, limit } = input;
  const matching = (db: Kysely<Schema>) => {
    let query = db.selectFrom('responses');
    query = formId === undefined ? query.where('form_id', 'not like', ANY_DRAFT) : query.where('form_id', '=', formId);
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
          .where((eb) => eb.or([eb('updated_at', '>', at), eb('id', '>', after.id)]));
      }
    }
    return query.orderBy('id').execute();
  };
  const keys = since === undefined ? await keysOf(database.db) : await readSettledKeys(database, keysOf);
  const newest = keys.at(-1)?.updated_at ?? '';
  const { page, next } = await readByKeys(keys, limit, (key) => key.id, {
    read: (ids) =>
      matching(database.db)
        .select(['id', ...stateColumns, 'updated_at as saved_at'])
        .where('id', 'in', ids)
        // A row that has changed since appears again at its new position.
        .$if(since !== undefined, (query) => query.where('updated_at', '<=', newest))
        .execute(),
    nameOf: (row) => row.id,
    bytesOf,
  });
  return {
    items: page.map(({ id: _id, ...row }) => toStored(row)),
    // `updated_at` as it was when the keys were sorted; the row may have changed since.
    next: next && { id: next.id, ...(since !== undefined && { updated_at: next.updated_at }) },
  };
}

export function bytesOf(row: Pick<ResponsesTable, 'response' | 'flags'>): number {
  return Buffer.byteLength(row.response) + Buffer.byteLength(row.flags);
}

/** The columns that a revision and a late revision share. */
export function contentColumns({
  only_of: _onlyOf,
  only_correction: _onlyCorrection,
  unique: _unique,
  files: _files,
  expects: _expects,
  author_token: _authorToken,
  author,
  ...incoming
}: AuthoredResponse): Omit<RevisionColumns, 'revision' | 'status'> & Pick<LateRevisionsTable, 'status'> {
  return {
    ...incoming,
    author: author ?? null,
    rules_version: incoming.rules_version ?? incoming.form_version,
    version_declared: incoming.version_declared ? 1 : null,
    flags: JSON.stringify(incoming.flags),
    response: JSON.stringify(incoming.response),
  };
}

export type StoredState = Pick<ResponseRevisionsTable, (typeof stateColumns)[number] | 'saved_at'>;

export function toStored({ flags, response, ...row }: StoredState): StoredRevision {
  const rulesVersion = row.rules_version ?? row.form_version;
  return { ...row, rules_version: rulesVersion, flags: JSON.parse(flags), response: JSON.parse(response) };
}

/** Whether a response is stored under this form's id, late responses included. */
export async function hasResponses(db: Kysely<Schema>, formId: string): Promise<boolean> {
  for (const table of ['responses', 'late_revisions'] as const) {
    const found = await db.selectFrom(table).select('id').where('form_id', '=', formId).limit(1).executeTakeFirst();
    if (found !== undefined) return true;
  }
  return false;
}
