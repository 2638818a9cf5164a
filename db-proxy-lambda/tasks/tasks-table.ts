import { tableOfRows } from '../exports/table-of-rows.ts';
import { findTasksWithEmail } from './queries.ts';

/** Tasks as they are now, oldest first: a task keeps no history. */
export const tasksTable = tableOfRows({
  name: 'tasks',
  timeColumn: 'created_at',
  timeIndex: 'tasks_by_time',
  title: 'Follow-up tasks',
  columns: [
    ['task_id', 'number', (task) => task.id],
    ['task_owner', 'text', (task) => task.owner],
    ['email', 'text', (task) => task.email],
    ['company_name', 'text', (task) => task.company],
    ['task_date', 'text', (task) => task.task_date],
    ['task_description', 'text', (task) => task.description],
    ['task_status', 'text', (task) => task.status],
    ['response_id', 'text', (task) => task.response_id],
    ['created_at', 'time', (task) => task.created_at],
    ['updated_at', 'time', (task) => task.updated_at],
  ],
  read: findTasksWithEmail,
  bytesOf: (task) => Buffer.byteLength(task.description),
  stateOf: (task) => ({ saved_at: task.updated_at }),
});
