import type { Cell } from '../contract.ts';
import type { Table } from './table.ts';

const ROWS_A_PAGE = 1_000;

/** Tasks as they are now, oldest first: a task keeps no history. */
export const tasksTable: Table = {
  name: 'tasks',
  kind: 'system',
  spreadsheetId: null,
  title: 'Follow-up tasks',
  columns: [
    { name: 'task_id', type: 'number' },
    { name: 'task_owner', type: 'text' },
    { name: 'email', type: 'text' },
    { name: 'company_name', type: 'text' },
    { name: 'task_date', type: 'text' },
    { name: 'task_description', type: 'text' },
    { name: 'task_status', type: 'text' },
    { name: 'response_id', type: 'text' },
    { name: 'created_at', type: 'time' },
    { name: 'updated_at', type: 'time' },
  ],
  count: async ({ db }, bound) => {
    const { count } = await db
      .selectFrom('tasks')
      .select((is) => is.fn.countAll().as('count'))
      .where('created_at', '<=', bound.at)
      .executeTakeFirstOrThrow();
    return Number(count);
  },
  page: async ({ db }, bound, { status, updated_since: since }, after) => {
    const tasks = await db
      .selectFrom('tasks')
      .innerJoin('people', 'people.id', 'tasks.owner_id')
      .innerJoin('task_statuses', 'task_statuses.id', 'tasks.status_id')
      .leftJoin('companies', 'companies.id', 'tasks.company_id')
      .select(['tasks.id', 'people.name as owner', 'people.email', 'companies.name as company', 'tasks.task_date'])
      .select(['tasks.description', 'task_statuses.name as status', 'tasks.response_id'])
      .select(['tasks.created_at', 'tasks.updated_at'])
      .where('tasks.created_at', '<=', bound.at)
      .where('tasks.id', '>', Number(after ?? 0))
      .orderBy('tasks.id')
      .limit(ROWS_A_PAGE)
      .execute();
    const rows = tasks
      // The statuses that requests can ask for are those of responses; no task has one.
      .filter((task) => status === undefined && (since === undefined || task.updated_at >= since))
      .map((task): Cell[] => [
        task.id,
        task.owner,
        task.email,
        task.company,
        task.task_date,
        task.description,
        task.status,
        task.response_id,
        task.created_at,
        task.updated_at,
      ]);
    const last = tasks.at(-1);
    return { rows, next: tasks.length < ROWS_A_PAGE || !last ? null : String(last.id) };
  },
};
