import type { Cell } from '../contract.ts';
import { readByKeys } from '../database/pages.ts';
import { selectTasks } from './queries.ts';
import { EXPORT_PAGE_BYTES, type Table } from '../exports/table.ts';

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
    const keys = await db
      .selectFrom('tasks')
      .select('id')
      .where('created_at', '<=', bound.at)
      .where('id', '>', Number(after ?? 0))
      .orderBy('id')
      .limit(ROWS_A_PAGE + 1)
      .execute();
    const {
      page: tasks,
      last,
      more,
    } = await readByKeys(keys, ROWS_A_PAGE, {
      read: (some) =>
        selectTasks(db)
          .select('people.email')
          .where(
            'tasks.id',
            'in',
            some.map((key) => key.id),
          )
          .execute(),
      nameOf: (row) => row.id,
      bytesOf: (task) => Buffer.byteLength(task.description),
      most: EXPORT_PAGE_BYTES,
    });
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
    return { rows, next: more && last ? String(last.id) : null };
  },
};
