import { hash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Input, Result } from '../contract.ts';
import { draftOf } from '../values.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { cutPage } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { AttachedFile } from './contract.ts';
import type { ResponseFiles, StoredFile } from './missing-files.ts';
import type { AwaitedUploadsTable } from './rows.ts';

type Upsert = Database['upsert'];

/** The files that come with a state of a response, and the file names in its answers. */
export interface FileClaims {
  response_id: string;
  files?: readonly AttachedFile[] | undefined;
  expects?: readonly string[] | undefined;
}

const namesFiles = ({ files = [], expects = [] }: FileClaims): boolean => files.length + expects.length > 0;

/**
 * Reads the files of these responses, if they have any. If a state brings or names files, its response gets a row,
 * which stays locked until the transaction ends.
 */
export async function lockFiles(
  trx: Transaction<Schema>,
  upsert: Upsert,
  claims: readonly FileClaims[],
): Promise<Map<string, ResponseFiles>> {
  const found = new Map<string, ResponseFiles>();
  // Sorted, so that two batches lock their responses in the same order.
  const named = [...new Set(claims.filter(namesFiles).map((each) => each.response_id))].toSorted();
  for (const some of inChunks(named, ROWS_PER_STATEMENT)) {
    await trx
      .insertInto('expected_files')
      .values(some.map((id) => ({ response_id: id, names: '[]' })))
      .modifyEnd(upsert(['response_id'], ['response_id']))
      .execute();
  }
  const ids = [...new Set(claims.map((each) => each.response_id))].toSorted();
  for (const some of inChunks(ids, IDS_PER_LOOKUP)) {
    const rows = await trx
      .selectFrom('expected_files')
      .select(['response_id', 'names'])
      .where('response_id', 'in', some)
      .execute();
    for (const { response_id: id, names } of rows) found.set(id, { expected: JSON.parse(names), stored: [] });
  }
  for (const some of inChunks([...found.keys()], IDS_PER_LOOKUP)) {
    const rows = await trx
      .selectFrom('attachments')
      .select(['response_id', 'name', 'only_of'])
      .where('response_id', 'in', some)
      .execute();
    for (const [id, stored] of Map.groupBy(rows, (row) => row.response_id)) {
      found.set(id, { expected: found.get(id)?.expected ?? [], stored });
    }
  }
  return found;
}

/** Writes which files the answers of a response name. The response must be locked by `lockFiles`. */
export async function writeExpected(
  trx: Transaction<Schema>,
  responseId: string,
  names: readonly string[],
): Promise<void> {
  await trx
    .updateTable('expected_files')
    .set({ names: JSON.stringify(names) })
    .where('response_id', '=', responseId)
    .execute();
}

/** Inserts files, except those that are stored already. The response must be locked by `lockFiles`. */
export async function insertFiles(
  trx: Transaction<Schema>,
  responseId: string,
  files: readonly AttachedFile[],
  { onlyOf = null, now }: { onlyOf?: string | null; now: string },
): Promise<StoredFile[]> {
  const rows = new Map(
    files.map((file) => {
      const key = fileKeyOf(responseId, file);
      return [key, { ...file, file_key: key, response_id: responseId, only_of: onlyOf, created_at: now }];
    }),
  );
  for (const keys of inChunks([...rows.keys()], IDS_PER_LOOKUP)) {
    const known = await trx.selectFrom('attachments').select('file_key').where('file_key', 'in', keys).execute();
    for (const { file_key: key } of known) rows.delete(key);
  }
  for (const some of inChunks([...rows.values()], ROWS_PER_STATEMENT)) {
    await trx.insertInto('attachments').values(some).execute();
  }
  return [...rows.values()];
}

/** Whether a file is stored already. */
export async function hasFile(db: Kysely<Schema>, responseId: string, file: AttachedFile): Promise<boolean> {
  const found = await db
    .selectFrom('attachments')
    .select('id')
    .where('file_key', '=', fileKeyOf(responseId, file))
    .executeTakeFirst();
  return found !== undefined;
}

function fileKeyOf(responseId: string, { name, sha256 }: Pick<AttachedFile, 'name' | 'sha256'>): string {
  return hash('sha256', JSON.stringify([responseId, name, sha256]));
}

/** Whether a response has this many files, or this many uploads were announced for it. */
export async function hasFiles(db: Kysely<Schema>, responseId: string, many: number): Promise<boolean> {
  for (const table of ['attachments', 'awaited_uploads'] as const) {
    const { count } = await db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll().as('count'))
      .where('response_id', '=', responseId)
      .executeTakeFirstOrThrow();
    if (Number(count) >= many) return true;
  }
  return false;
}

/** The files of a response, in order of arrival. */
export function findFiles(db: Kysely<Schema>, responseId: string) {
  return db.selectFrom('attachments').selectAll().where('response_id', '=', responseId).orderBy('id').execute();
}

/** The names of the files in the answers of a response. */
export async function findExpected(db: Kysely<Schema>, responseId: string): Promise<string[]> {
  const row = await db
    .selectFrom('expected_files')
    .select('names')
    .where('response_id', '=', responseId)
    .executeTakeFirst();
  return row === undefined ? [] : JSON.parse(row.names);
}

/** Remembers a file that will be uploaded; the last request for an object decides its content type. */
export async function putAwaited(db: Kysely<Schema>, upsert: Upsert, row: AwaitedUploadsTable): Promise<void> {
  await db
    .insertInto('awaited_uploads')
    .values(row)
    .modifyEnd(upsert(['object_key'], ['type', 'only_of', 'bytes']))
    .execute();
}

/** The file that is awaited under this key, locked until the transaction ends. */
export function lockAwaited(trx: Transaction<Schema>, objectKey: string): Promise<AwaitedUploadsTable | undefined> {
  return trx
    .selectFrom('awaited_uploads')
    .selectAll()
    .where('object_key', '=', objectKey)
    .forUpdate()
    .executeTakeFirst();
}

/** Deletes everything about the files of these responses. */
export async function deleteFiles(trx: Transaction<Schema>, responseIds: readonly string[]): Promise<void> {
  for (const table of ['attachments', 'awaited_uploads', 'expected_files'] as const) {
    for (const ids of inChunks(responseIds, IDS_PER_LOOKUP)) {
      await trx.deleteFrom(table).where('response_id', 'in', ids).execute();
    }
  }
}

/**
 * The files with these ids, in any order. Files are left out if their response is not stored, or belongs to a draft.
 */
export function findFilesToExport(db: Kysely<Schema>, ids: readonly number[]) {
  return db
    .selectFrom('attachments')
    .innerJoin('responses', 'responses.response_id', 'attachments.response_id')
    .selectAll('attachments')
    .select(['responses.form_id', 'responses.status'])
    .where('attachments.id', 'in', ids)
    .where('responses.form_id', 'not like', draftOf('%'))
    .where((eb) => eb.or([eb('only_of', 'is', null), eb('only_of', '=', eb.ref('responses.user_id'))]))
    .execute();
}

/** A page of the files of a form's responses up to a time, in order of arrival. */
export async function listFilesOfForm(
  db: Kysely<Schema>,
  { form_id: formId, until, filter: { status, updated_since: since }, after }: Input<'listFilesOfForm'>,
): Promise<Result<'listFilesOfForm'>> {
  const rows = await db
    .selectFrom('attachments')
    .innerJoin('responses', 'responses.response_id', 'attachments.response_id')
    .select(['attachments.id', 'attachments.response_id', 'name', 'object_key', 'sha256', 'attachments.created_at'])
    .where('responses.form_id', '=', formId)
    .where('attachments.id', '>', after)
    .where('attachments.created_at', '<=', until)
    .$if(status !== undefined, (query) => query.where('responses.status', '=', status ?? 'accepted'))
    .$if(since !== undefined, (query) => query.where('attachments.created_at', '>=', since ?? ''))
    .where((eb) => eb.or([eb('only_of', 'is', null), eb('only_of', '=', eb.ref('responses.user_id'))]))
    .orderBy('attachments.id')
    .limit(FILES_PER_PAGE + 1)
    .execute();
  const { items, next } = cutPage(rows, FILES_PER_PAGE, ({ id }) => id);
  const copies = await countCopies(db, items);
  return { items: items.map(({ id, ...file }) => ({ ...file, copy: copies.get(id) ?? 1 })), next };
}

/** A page has less than a megabyte. */
const FILES_PER_PAGE = 1_000;

/** For each of these files by id, its place among the files of its response with the same name. */
async function countCopies(
  db: Kysely<Schema>,
  files: readonly { response_id: string }[],
): Promise<Map<number, number>> {
  const copies = new Map<number, number>();
  const found = new Map<string, number>();
  for (const ids of inChunks([...new Set(files.map((file) => file.response_id))], IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('attachments')
      .select(['id', 'response_id', 'name'])
      .where('response_id', 'in', ids)
      .execute();
    for (const { id, response_id: responseId, name } of rows.toSorted((one, other) => one.id - other.id)) {
      const key = JSON.stringify([responseId, name]);
      const copy = (found.get(key) ?? 0) + 1;
      found.set(key, copy);
      copies.set(id, copy);
    }
  }
  return copies;
}

/**
 * Makes the files that this collector sent early part of the response, even if it is assigned to another collector
 * later.
 */
export async function shareFiles(trx: Transaction<Schema>, responseId: string, userId: string): Promise<void> {
  await trx
    .updateTable('attachments')
    .set({ only_of: null })
    .where('response_id', '=', responseId)
    .where('only_of', '=', userId)
    .execute();
}
