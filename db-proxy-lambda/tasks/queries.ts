import { hash } from 'node:crypto';
import type { Insertable, Kysely, Transaction } from 'kysely';
import type { Input } from '../contract.ts';
import type { Task } from './contract.ts';
import { IDS_PER_LOOKUP, inChunks, ROWS_PER_STATEMENT } from '../database/chunks.ts';
import { readByKeys } from '../database/pages.ts';
import type { Schema } from '../database/schema.ts';
import type { TasksTable } from './rows.ts';

export type NewTask = Omit<Insertable<TasksTable>, 'created_at' | 'updated_at'>;
type Changes = Input<'updateTask'>['changes'];

/** The columns of the contract's sort orders. */
const SORT_COLUMNS = {
  id: 'tasks.id',
  task_date: 'tasks.task_date',
  owner: 'people.name',
  company: 'companies.name',
  status: 'task_statuses.name',
  created_at: 'tasks.created_at',
  updated_at: 'tasks.updated_at',
} as const;

const TASK_COLUMNS = [
  'tasks.id',
  'tasks.owner_id',
  'people.name as owner',
  'tasks.company_id',
  'companies.name as company',
  'tasks.status_id',
  'task_statuses.name as status',
  'tasks.task_date',
  'tasks.description',
  'tasks.response_id',
  'tasks.created_at',
  'tasks.updated_at',
] as const;

/** Tasks joined with their owners, statuses and companies. */
function withNames(db: Kysely<Schema>) {
  return db
    .selectFrom('tasks')
    .innerJoin('people', 'people.id', 'tasks.owner_id')
    .innerJoin('task_statuses', 'task_statuses.id', 'tasks.status_id')
    .leftJoin('companies', 'companies.id', 'tasks.company_id');
}

/** These tasks with their owners' emails, in any order. */
export function findTasksWithEmail(db: Kysely<Schema>, ids: readonly number[]) {
  return withNames(db).select(TASK_COLUMNS).select('people.email').where('tasks.id', 'in', ids).execute();
}

export async function listTasks(
  db: Kysely<Schema>,
  { filter, sort, offset, limit }: Input<'listTasks'>,
): Promise<{ items: Task[]; total: number }> {
  let matching = withNames(db);
  for (const [reference, idColumn, nameColumn] of [
    [filter.owner, 'tasks.owner_id', 'people.email'],
    [filter.company, 'tasks.company_id', 'companies.name'],
    [filter.status, 'tasks.status_id', 'task_statuses.name'],
  ] as const) {
    if (reference === undefined) continue;
    matching =
      'id' in reference
        ? matching.where(idColumn, '=', reference.id)
        : matching.where(nameColumn, '=', reference.known_by);
  }
  if (filter.date_from !== undefined) matching = matching.where('tasks.task_date', '>=', filter.date_from);
  if (filter.date_to !== undefined) matching = matching.where('tasks.task_date', '<=', filter.date_to);
  if (filter.response_id !== undefined) matching = matching.where('tasks.response_id', '=', filter.response_id);
  const { total } = await matching.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const keys = await matching
    .select('tasks.id')
    .orderBy(SORT_COLUMNS[sort.column], sort.descending ? 'desc' : 'asc')
    .orderBy('tasks.id')
    .offset(offset)
    .limit(limit)
    .execute();
  const { page: items } = await readByKeys(keys, limit, (key) => key.id, {
    read: (ids) => withNames(db).select(TASK_COLUMNS).where('tasks.id', 'in', ids).execute(),
    nameOf: (row) => row.id,
    bytesOf: (task) => Buffer.byteLength(task.description),
  });
  return { items, total: Number(total) };
}

export function findTask(db: Kysely<Schema>, id: number): Promise<Task | undefined> {
  return withNames(db).select(TASK_COLUMNS).where('tasks.id', '=', id).executeTakeFirst();
}

/** Inserts tasks and returns the id of the first. The caller has locked the entries that they refer to. */
export async function insertTasks(trx: Transaction<Schema>, tasks: readonly NewTask[], now: string): Promise<number> {
  let first: number | undefined;
  for (const some of inChunks(tasks, ROWS_PER_STATEMENT)) {
    const rows = some.map((task) => ({ ...task, created_at: now, updated_at: now }));
    const { insertId } = await trx.insertInto('tasks').values(rows).executeTakeFirstOrThrow();
    first ??= Number(insertId);
  }
  return first ?? 0;
}

export async function updateTask(trx: Transaction<Schema>, id: number, changes: Changes, now: string): Promise<void> {
  await trx
    .updateTable('tasks')
    .set({ ...changes, updated_at: now })
    .where('id', '=', id)
    .execute();
}

/** The ids of the tasks that were created with these keys, by key. */
export async function findCreated(db: Kysely<Schema>, keys: readonly string[]): Promise<Map<string, number>> {
  const stored = new Map<string, number>();
  for (const some of inChunks(keys, IDS_PER_LOOKUP)) {
    const rows = await db
      .selectFrom('tasks')
      .select(['id', 'creation_key'])
      .where('creation_key', 'in', some)
      .execute();
    for (const row of rows) if (row.creation_key !== null) stored.set(row.creation_key, row.id);
  }
  return stored;
}

/** The last follow-up of a response, and its task; both locked until the transaction ends. */
export async function lockFollowUp(trx: Transaction<Schema>, responseId: string) {
  const followUp = await trx
    .selectFrom('task_follow_ups')
    .selectAll()
    .where('response_id', '=', responseId)
    .forUpdate()
    .executeTakeFirst();
  const task = await trx
    .selectFrom('tasks')
    .select(['id', 'status_id', 'description', 'created_at', 'updated_at'])
    .where('response_id', '=', responseId)
    .forUpdate()
    .executeTakeFirst();
  return { followUp, task };
}

/** The state of the response that a task follows, and its last decision, if any. */
export function findFollowed(db: Kysely<Schema>, responseId: string) {
  const lastDecision = db
    .selectFrom('reviews')
    .select((eb) => eb.fn.max('id').as('id'))
    .where('response_id', '=', responseId)
    .where('applied', '=', 1)
    .where('action', 'in', ['approve', 'return', 'reject']);
  return db
    .selectFrom('responses')
    .leftJoin('reviews', (join) => join.on('reviews.id', '=', lastDecision))
    .select(['responses.status', 'responses.user_id', 'reviews.review_id', 'reviews.revision as decided_revision'])
    .where('responses.response_id', '=', responseId)
    .executeTakeFirst();
}

/**
 * Stores what was followed up.
 *
 * @param review_id the id of the decision; undefined if the event is not a decision
 * @param description as written into the task; undefined if the task keeps its description
 */
export async function writeFollowUp(
  trx: Transaction<Schema>,
  responseId: string,
  {
    revision,
    review_id,
    description,
    isFirst,
  }: { revision: number; review_id?: string | undefined; description: string | undefined; isFirst: boolean },
): Promise<void> {
  const changes = {
    revision,
    ...(review_id !== undefined && { review_id }),
    ...(description !== undefined && { description_sha256: hash('sha256', description) }),
  };
  await (isFirst
    ? trx
        .insertInto('task_follow_ups')
        .values({ response_id: responseId, description_sha256: null, ...changes })
        .execute()
    : trx.updateTable('task_follow_ups').set(changes).where('response_id', '=', responseId).execute());
}
